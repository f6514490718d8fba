# A child kills its parent while four threads of it make threads.
import os
import signal
import threading
import time


def make_threads():
    while True:
        try:
            threading.Thread(target=time.sleep, args=(0.001,)).start()
        except RuntimeError:
            time.sleep(0.001)


if os.fork() == 0:
    time.sleep(0.05)
    os.kill(os.getppid(), signal.SIGKILL)
    os._exit(0)
for _ in range(4):
    threading.Thread(target=make_threads, daemon=True).start()
time.sleep(100)
