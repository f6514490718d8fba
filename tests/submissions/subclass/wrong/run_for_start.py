import os
import time
from multiprocessing import Process


class Worker(Process):
    def __init__(self, who):
        super().__init__()
        self.who = who

    def run(self):
        print("pid", os.getpid())
        print(f"{self.who}...正在工作...")
        time.sleep(0.5)


if __name__ == "__main__":
    workers = [Worker(who) for who in ("小明", "小红", "小刚")]
    for worker in workers:
        worker.run()
    print("主进程")
