import os
import time
from multiprocessing import Process, current_process


def task():
    print(os.getpid())
    print(current_process().name)
    print("小明正在写作业")
    time.sleep(3)


if __name__ == "__main__":
    p = Process(target=task)
    p.daemon = True
    p.start()
    time.sleep(1)
    print("主")
