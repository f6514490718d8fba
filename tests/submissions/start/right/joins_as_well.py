import time
from multiprocessing import Process, set_start_method


def f(name):
    print(f'hello {name}\n子进程')


if __name__ == '__main__':
    set_start_method('fork')
    p = Process(target=f, args=['bob'])
    p.start()
    p.join()
    time.sleep(1)
    print('主程序')
