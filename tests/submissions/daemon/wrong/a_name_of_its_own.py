import os
import time
from multiprocessing import Process


def task(who):
    print(os.getpid())
    print(who)
    print("小明正在写作业")
    time.sleep(3)


if __name__ == "__main__":
    p = Process(target=task, args=("小明",))
    p.daemon = True
    p.start()
    time.sleep(2)
    print("主")
