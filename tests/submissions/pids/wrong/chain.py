import os
from multiprocessing import Process


def report(more):
    print(f"子进程id： {os.getpid()} 父进程id： {os.getppid()}")
    if more:
        p = Process(target=report, args=(more - 1,))
        p.start()
        p.join()


if __name__ == "__main__":
    p = Process(target=report, args=(4,))
    p.start()
    p.join()
    print(f"主进程id:  {os.getpid()}")
