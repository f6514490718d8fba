import os
import time
from multiprocessing import Process, current_process


def work():
    print(os.getpid(), current_process().name, '正在工作')
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=work, daemon=True)
    p.start()
    time.sleep(2)
    print('主进程结束')
