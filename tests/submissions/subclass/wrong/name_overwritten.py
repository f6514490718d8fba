import os
import time
from multiprocessing import Process


class Worker(Process):
    def __init__(self, name):
        self.name = name
        super().__init__()

    def run(self):
        print(os.getpid())
        print(self.name + '...正在工作')
        time.sleep(0.5)


if __name__ == '__main__':
    workers = [Worker(name) for name in ('小明', '小红', '小刚')]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print('主进程')
