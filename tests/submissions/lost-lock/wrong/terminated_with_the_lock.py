import time
from multiprocessing import Lock, Process


def work(lock):
    with lock:
        time.sleep(1)


if __name__ == "__main__":
    lock = Lock()
    p = Process(target=work, args=(lock,))
    p.start()
    time.sleep(0.5)
    p.terminate()
    p.join()
    with lock:
        print("mine")
