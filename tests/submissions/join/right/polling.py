import multiprocessing as mp
import time


def work(name):
    print(f'hello {name}')
    time.sleep(1)
    print('子进程')


if __name__ == '__main__':
    p = mp.Process(target=work, args=('小明',))
    p.start()
    while p.is_alive():
        time.sleep(0.05)
    print('主程序')
