import time
from multiprocessing import Process


def work():
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    p.join(2)
    print('over')
