# The child never ends, and main waits for it.
import os
from multiprocessing import Process


def work():
    print("answer", os.getpid())
    while True:
        pass


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    p.join()
    print("done")
