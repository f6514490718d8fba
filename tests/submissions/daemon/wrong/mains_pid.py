import os
import time
from multiprocessing import Process, current_process


def task(pid):
    print(pid)
    print(current_process().name)
    print("小明正在写作业")
    time.sleep(3)


if __name__ == "__main__":
    p = Process(target=task, args=(os.getpid(),))
    p.daemon = True
    p.start()
    time.sleep(2)
    print("主")
