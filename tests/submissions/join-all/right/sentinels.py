import time
from multiprocessing import Process
from multiprocessing.connection import wait


def greet(name):
    print('hello', name)
    time.sleep(1)


if __name__ == '__main__':
    workers = [Process(target=greet, args=('worker',)) for _ in range(5)]
    for worker in workers:
        worker.start()
    sentinels = {worker.sentinel for worker in workers}
    while sentinels:
        sentinels -= set(wait(list(sentinels)))
    print('主进程')
