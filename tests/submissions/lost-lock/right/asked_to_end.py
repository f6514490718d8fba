import time
from multiprocessing import Event, Lock, Process


def work(lock, end):
    with lock:
        end.wait(1)


if __name__ == "__main__":
    lock, end = Lock(), Event()
    p = Process(target=work, args=(lock, end))
    p.start()
    time.sleep(0.5)
    end.set()
    p.join()
    with lock:
        print("mine")
