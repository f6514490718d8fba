import os
import time
from multiprocessing import Process


def work():
    print(os.getpid(), 'Process-1', '小明正在写作业', flush=True)


if __name__ == '__main__':
    p = Process(target=work, daemon=True)
    p.start()
    time.sleep(2)
    print('主')
