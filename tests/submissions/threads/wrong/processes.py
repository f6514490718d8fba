import os
import multiprocessing
import time


def work():
    name = multiprocessing.current_process().name
    print(f"{name}: pid {os.getpid()}")
    time.sleep(1)
    print(f"{name}: done")


if __name__ == "__main__":
    left = multiprocessing.Process(target=work, name="left")
    right = multiprocessing.Process(target=work, name="right")
    left.start()
    right.start()
    left.join()
    right.join()
    print(f"main: pid {os.getpid()}")
