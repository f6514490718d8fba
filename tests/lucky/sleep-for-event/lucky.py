import time
from multiprocessing import Process


def work():
    time.sleep(0.3)
    print('ready')
    time.sleep(0.5)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    time.sleep(0.6)
    print('go')
    p.join()
