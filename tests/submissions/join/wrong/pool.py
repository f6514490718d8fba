import time
from multiprocessing import Pool


def work(name):
    print('hello', name)
    time.sleep(1)
    print('子进程')


if __name__ == '__main__':
    with Pool(1) as pool:
        pool.apply(work, ('小明',))
        pool.close()
        pool.join()
    print('主程序')
