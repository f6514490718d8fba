import time
from multiprocessing import Process


def work(seconds):
    time.sleep(seconds)


if __name__ == '__main__':
    ps = [Process(target=work, args=(s,)) for s in (0.9, 1.0, 1.1)]
    for p in ps:
        p.start()
    p.join()
    print('over')
