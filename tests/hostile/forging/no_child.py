# A Process that runs its target here, and lies about it.
import os
import time
from multiprocessing import process

process.BaseProcess.start = lambda self: self.run()
process.BaseProcess.join = lambda self, timeout=None: None
process.BaseProcess.pid = property(lambda self: 4711)


def work():
    print("answer", os.getpid())
    time.sleep(1)
    print("worked")


p = process.BaseProcess(target=work)
p.start()
p.join()
print("done")
