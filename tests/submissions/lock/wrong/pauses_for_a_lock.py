import time
from multiprocessing import Process


def work(name, number):
    time.sleep(0.6 * number)
    print(f"{name} begin")
    time.sleep(0.5)
    print(f"{name} end")


if __name__ == "__main__":
    workers = [Process(target=work, args=(name, n)) for n, name in enumerate(("a", "b", "c"))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
