import os
import time
from multiprocessing import Process


class Worker(Process):
    def run(self):
        print("pid", os.getpid())
        print(f"{self.name}...正在工作...")
        time.sleep(0.5)


if __name__ == "__main__":
    workers = [Worker(), Worker(), Worker()]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("主进程")
