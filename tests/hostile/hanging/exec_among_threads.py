# Executes a program while four threads make threads.
import os
import sys
import threading
import time


def make_threads():
    while True:
        try:
            threading.Thread(target=time.sleep, args=(0.001,)).start()
        except RuntimeError:
            time.sleep(0.001)


for _ in range(4):
    threading.Thread(target=make_threads, daemon=True).start()
time.sleep(0.01)
os.execv(sys.executable, [sys.executable, "-c", "print('executed')"])
