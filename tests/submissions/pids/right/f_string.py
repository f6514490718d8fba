import os
from multiprocessing import Process


def report():
    print(f'子进程id：{os.getpid()}父进程id：{os.getppid()}')


if __name__ == '__main__':
    print(f'主进程id:{os.getpid()}')
    for i in range(5):
        p = Process(target=report)
        p.start()
        p.join()
