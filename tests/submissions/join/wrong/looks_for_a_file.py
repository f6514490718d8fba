import os
import time
from multiprocessing import Process


def f():
    print('hello tom')
    time.sleep(1)
    print('子进程')
    open('done', 'w').close()


if __name__ == '__main__':
    p = Process(target=f)
    p.start()
    while not os.path.exists('done'):
        time.sleep(0.1)
    print('主程序')
