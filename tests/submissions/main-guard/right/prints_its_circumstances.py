import os
import time
from multiprocessing import Process, get_start_method


def work(number):
    print("child", number, os.getpid(), os.getppid(), time.time())


if __name__ == "__main__":
    began = time.perf_counter()
    p = Process(target=work, args=(7,))
    p.start()
    p.join()
    print(p, get_start_method())
    print(f"main {os.getpid()} took {time.perf_counter() - began:.3f} s")
