import os
from multiprocessing import Process


def report():
    pass


if __name__ == "__main__":
    workers = [Process(target=report) for _ in range(5)]
    for worker in workers:
        print(f"子进程id： {worker.pid} 父进程id： {os.getpid()}")
        worker.start()
    print(f"主进程id:  {os.getpid()}")
