import os
import threading
import time


def work(name):
    print(f"{name}: pid {os.getpid()}")
    time.sleep(1)
    print(f"{name}: done")


if __name__ == "__main__":
    left = threading.Thread(target=work, args=("left",))
    right = threading.Thread(target=work, args=("right",))
    left.start()
    right.start()
    left.join()
    right.join()
    print(f"main: pid {os.getpid()}")
