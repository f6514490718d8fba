import os
from multiprocessing import Process


def report():
    print(f"子进程id： {os.getpid()} 父进程id： {os.getppid()}")


if __name__ == "__main__":
    workers = [Process(target=report()) for _ in range(5)]
    for worker in workers:
        worker.start()
    print(f"主进程id:  {os.getpid()}")
