import time
from multiprocessing import Process


def first():
    print('123')
    time.sleep(1)
    print('end123')


def second():
    time.sleep(3)
    print('456')
    print('end456')


if __name__ == '__main__':
    p1 = Process(target=first, daemon=True)
    p2 = Process(target=second)
    p1.start()
    p2.start()
    time.sleep(0.1)
    print('main-------')
