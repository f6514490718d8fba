import time
from multiprocessing import Process


def work():
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    p.join(0.5)
    while p.exitcode is None:
        p.join(0.5)
    print('over')
