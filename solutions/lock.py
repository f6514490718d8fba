import time
from multiprocessing import Lock, Process


def work(name, lock):
    with lock:
        print(f"{name} begin")
        time.sleep(0.5)
        print(f"{name} end")


if __name__ == "__main__":
    lock = Lock()
    workers = [Process(target=work, args=(name, lock)) for name in ("小明", "小红", "小刚")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
