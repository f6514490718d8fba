import os
import time
from multiprocessing import Process, current_process


def task():
    print(os.getpid())
    print(current_process().name)
    print("小明正在写作业")


if __name__ == "__main__":
    p = Process(target=time.sleep, args=(3,))
    p.daemon = True
    p.start()
    task()
    time.sleep(2)
    print("主")
