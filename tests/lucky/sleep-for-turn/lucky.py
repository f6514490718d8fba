import time
from multiprocessing import Process


def say(text, after):
    time.sleep(after)
    print(text)


if __name__ == '__main__':
    p = Process(target=print, args=('a',))
    q = Process(target=say, args=('b', 1))
    p.start()
    q.start()
    p.join()
    q.join()
