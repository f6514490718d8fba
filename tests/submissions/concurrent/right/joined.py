import time
from multiprocessing import Process


def hello(name):
    print('hello', name)
    time.sleep(1)


if __name__ == '__main__':
    processes = []
    for name in ['a', 'b', 'c', 'd', 'e']:
        p = Process(target=hello, args=(name,))
        p.start()
        processes.append(p)
    for p in processes:
        p.join()
