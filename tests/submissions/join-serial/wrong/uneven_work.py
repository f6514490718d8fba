import time
from multiprocessing import Process


def work(i):
    print('hello', i)
    time.sleep(4.6 if i == 4 else 0.1)


if __name__ == '__main__':
    ps = [Process(target=work, args=(i,)) for i in range(5)]
    for p in ps:
        p.start()
        p.join()
    print('主进程')
