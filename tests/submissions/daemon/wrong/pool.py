import os
import time
from multiprocessing import Pool, current_process


def work():
    print(os.getpid(), current_process().name, '正在工作')
    time.sleep(1)


if __name__ == '__main__':
    with Pool(1) as pool:
        pool.apply_async(work)
        time.sleep(2)
        print('主')
