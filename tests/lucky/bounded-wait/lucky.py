import time
from multiprocessing import Process


def work():
    time.sleep(1)


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    for _ in range(200):
        if not p.is_alive():
            break
        time.sleep(0.01)
    print('over')
