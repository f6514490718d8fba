import time
from multiprocessing import Process


def work():
    time.sleep(0.3)
    print('result')


if __name__ == '__main__':
    p = Process(target=work, daemon=True)
    p.start()
    time.sleep(1)
