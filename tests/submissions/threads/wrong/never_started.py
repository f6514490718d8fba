import os
import threading
import time


def work():
    name = threading.current_thread().name
    print(f"{name}: pid {os.getpid()}")
    time.sleep(1)
    print(f"{name}: done")


if __name__ == "__main__":
    left = threading.Thread(target=work, name="left")
    right = threading.Thread(target=work, name="right")
    print(f"main: pid {os.getpid()}")
