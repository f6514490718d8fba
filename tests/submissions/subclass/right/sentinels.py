import os
import time
from multiprocessing import Process
from multiprocessing.connection import wait


class Worker(Process):
    def __init__(self, title, **options):
        self.title = title
        super().__init__(**options)

    def run(self):
        print(os.getpid(), flush=True)
        print('', self.title, '正在', '读书', sep=' ')
        time.sleep(len(self.title) / 10)


if __name__ == '__main__':
    workers = [Worker(title, daemon=False) for title in ('一', '二二', '三三三')]
    for worker in workers:
        worker.start()
    left = {worker.sentinel for worker in workers}
    while left:
        left -= set(wait(left))
    for worker in workers:
        worker.join()
    print('主进程')
