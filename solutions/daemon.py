import os
import time
from multiprocessing import Process, current_process


def task():
    print(f"pid: {os.getpid()}")
    print(f"name: {current_process().name}")
    while True:
        print("守护进程正在工作")
        time.sleep(0.5)


if __name__ == "__main__":
    p = Process(target=task, daemon=True)
    p.start()
    time.sleep(2)
    print("主")
