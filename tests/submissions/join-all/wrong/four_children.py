import time
from multiprocessing import Process


def greet(name):
    print(f"hello {name}")
    time.sleep(1)


if __name__ == "__main__":
    workers = [Process(target=greet, args=(f"worker {number}",)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("主进程")
