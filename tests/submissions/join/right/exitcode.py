import time
from multiprocessing import get_context


def work(name):
    print('hello', name)
    time.sleep(1)
    print('子进程')


if __name__ == '__main__':
    context = get_context('fork')
    p = context.Process(target=work, args=('小明',))
    p.start()
    while p.exitcode is None:
        time.sleep(0.01)
    print('主程序')
