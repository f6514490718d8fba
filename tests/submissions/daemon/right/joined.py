import os
import time
from multiprocessing import Process, current_process


def task():
    print(os.getpid(), current_process().name)
    print('小明正在写作业')
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=task)
    p.daemon = True
    p.start()
    time.sleep(2)
    p.join()
    print('主')
