import time
from multiprocessing import Process


def work(name):
    print('hello', name)
    time.sleep(1)
    print('子进程')


if __name__ == '__main__':
    p = Process(target=work, args=('小明',))
    p.start()
    p.join(timeout=60)
    print('主程序')
