import time
from multiprocessing import Process


def work(i):
    print('hello', i)
    time.sleep(1)
    if i == 4:
        print('主进程')


if __name__ == '__main__':
    ps = [Process(target=work, args=(i,)) for i in range(5)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('主进程')
