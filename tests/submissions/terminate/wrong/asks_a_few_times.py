import time
from multiprocessing import Event, Process


def task(at_work):
    at_work.set()
    print("子进程正在工作", flush=True)
    time.sleep(2)
    print("子进程还在工作")


if __name__ == "__main__":
    at_work = Event()
    p = Process(target=task, args=(at_work,))
    p.start()
    at_work.wait()
    p.terminate()
    print(p.is_alive())
    print("开始")
    for _ in range(10):
        if not p.is_alive():
            break
        time.sleep(0.01)
    print(p.is_alive())
