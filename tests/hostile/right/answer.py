import os
import time
from multiprocessing import Process


def work():
    print("answer", os.getpid())
    time.sleep(1)
    print("worked")


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    p.join()
    print("done")
