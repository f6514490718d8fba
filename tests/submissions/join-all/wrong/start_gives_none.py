import time
from multiprocessing import Process


def greet(name):
    print("hello", name)
    time.sleep(1)


if __name__ == "__main__":
    workers = [Process(target=greet, args=(n,)).start() for n in range(5)]
    for worker in workers:
        worker.join()
    print("主进程")
