import time
from multiprocessing import Process


def work():
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    while p.is_alive():
        time.sleep(0.01)
    print('over')
