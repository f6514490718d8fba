import time
from multiprocessing import Process


def work(i):
    print('hello', i)
    time.sleep(1)


if __name__ == '__main__':
    ps = [Process(target=work, args=(i,)) for i in range(5)]
    for p in ps:
        p.start()
    for p in ps:
        p.join(1.3)
    print('主进程')
