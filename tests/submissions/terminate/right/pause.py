import random
import time
from multiprocessing import Process


def task():
    print('子进程正在运行')
    time.sleep(random.randint(1, 4))
    print('子进程还在运行')


if __name__ == '__main__':
    p = Process(target=task)
    p.start()
    p.terminate()
    print(p.is_alive())
    print('开始')
    time.sleep(0.5)
    print(p.is_alive())
