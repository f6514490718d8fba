import time
from multiprocessing import Process
from multiprocessing.connection import wait


def task(n):
    print(f'{n}号正在等待')
    time.sleep(n)
    print(f'{n}号还在等待')


if __name__ == '__main__':
    p = Process(target=task, args=(3,))
    p.start()
    time.sleep(0.1)
    p.terminate()
    print('活着吗？', p.is_alive())
    print()
    print('开始')
    wait([p.sentinel])
    p.join(timeout=5)
    print('活着吗？', p.is_alive(), 'exitcode:', p.exitcode)
