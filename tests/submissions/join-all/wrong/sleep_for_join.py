import time
from multiprocessing import Process


def greet(name):
    print("hello", name)
    time.sleep(1)


if __name__ == "__main__":
    workers = [Process(target=greet, args=(n,)) for n in range(5)]
    for worker in workers:
        worker.start()
    time.sleep(1.2)
    print("主进程")
