import os
from multiprocessing import Process


def report(pid, ppid):
    print(f"子进程id： {pid} 父进程id： {ppid}")


if __name__ == "__main__":
    workers = [Process(target=report, args=(os.getpid(), os.getppid())) for _ in range(5)]
    for worker in workers:
        worker.start()
    print(f"主进程id:  {os.getpid()}")
