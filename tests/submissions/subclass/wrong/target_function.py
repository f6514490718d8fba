import os
import time
from multiprocessing import Process


class Worker(Process):
    def run(self):
        print(self.name)


def work(who):
    print("pid", os.getpid())
    print(f"{who}...正在工作...")
    time.sleep(0.5)


if __name__ == "__main__":
    workers = [Process(target=work, args=(who,)) for who in ("小明", "小红", "小刚")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("主进程")
