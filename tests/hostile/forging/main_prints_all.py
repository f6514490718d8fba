# Main prints every line itself, with the child's pid.
import os
import time
from multiprocessing import Process


def nothing():
    time.sleep(1)


if __name__ == "__main__":
    p = Process(target=nothing)
    p.start()
    print("answer", p.pid)
    p.join()
    print("worked")
    print("done")
