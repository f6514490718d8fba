import os
import time
from multiprocessing import Process


def exists(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    p = Process(target=time.sleep, args=(0.5,))
    p.start()
    while exists(p.pid):
        time.sleep(0.1)
    print("gone")
