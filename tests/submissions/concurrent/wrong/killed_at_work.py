import time
from multiprocessing import Process


def work(i):
    print('hello', i)
    time.sleep(100)


if __name__ == '__main__':
    ps = [Process(target=work, args=(i,)) for i in range(5)]
    for p in ps:
        p.start()
    time.sleep(1.05)
    for p in ps:
        p.kill()
