import time
from multiprocessing import Process


def work(name):
    print(f"{name} begin")
    time.sleep(0.5)
    print(f"{name} end")


if __name__ == "__main__":
    for name in ("a", "b", "c"):
        worker = Process(target=work, args=(name,))
        worker.start()
        worker.join()
