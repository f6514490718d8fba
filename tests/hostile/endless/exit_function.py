# Hangs while the interpreter shuts down.
import atexit
import time


@atexit.register
def linger():
    while True:
        time.sleep(60)
