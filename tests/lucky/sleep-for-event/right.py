import time
from multiprocessing import Event, Process


def work(ready):
    time.sleep(0.3)
    print('ready')
    ready.set()
    time.sleep(0.5)


if __name__ == '__main__':
    ready = Event()
    p = Process(target=work, args=(ready,))
    p.start()
    ready.wait()
    print('go')
    p.join()
