import time
from multiprocessing import Process


def work():
    time.sleep(60)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    p.terminate()
    time.sleep(0.1)
    print('alive:', p.is_alive())
