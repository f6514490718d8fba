import os
import time
from threading import Thread


class Worker(Thread):
    def run(self):
        print(self.name + ":", "pid", os.getpid())
        time.sleep(1)
        print(self.name + ":", "done")


workers = [Worker(name=side) for side in ("left", "right")]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print("main:", "pid", os.getpid())
