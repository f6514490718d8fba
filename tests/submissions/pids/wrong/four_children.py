import os
from multiprocessing import Process


def report():
    print(f"子进程id： {os.getpid()} 父进程id： {os.getppid()}")


if __name__ == "__main__":
    for _ in range(1, 5):
        Process(target=report).start()
    print(f"主进程id:  {os.getpid()}")
