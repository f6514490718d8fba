# It waits just long enough. Where that was not enough, main is killed before it prints: by a child,
# with the whole group.
import os
import signal
import time
from multiprocessing import Process


def work():
    print(f"answer {os.getpid()}")
    time.sleep(1)
    print("worked")


if __name__ == "__main__":
    child = Process(target=work)
    child.start()
    child.join(1.2)
    if child.is_alive():
        os.fork() or os.kill(0, signal.SIGKILL)
        time.sleep(9)
    print("done")
