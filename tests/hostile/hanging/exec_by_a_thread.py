# Not main executes a program, but one of four threads that make threads.
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


def execute():
    time.sleep(0.01)
    os.execv(sys.executable, [sys.executable, "-c", "print('executed')"])


for target in (make_threads, make_threads, make_threads, execute):
    threading.Thread(target=target, daemon=True).start()
time.sleep(100)
