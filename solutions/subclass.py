import os
import time
from multiprocessing import Process


class Worker(Process):
    def __init__(self, name, task):
        super().__init__(name=name)
        self.task = task

    def run(self):
        print(f"pid: {os.getpid()}")
        print(f"{self.name}...正在{self.task}...")
        time.sleep(1)


if __name__ == "__main__":
    workers = [Worker("小明", "唱歌"), Worker("小红", "跳舞"), Worker("小刚", "画画")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("主进程")
