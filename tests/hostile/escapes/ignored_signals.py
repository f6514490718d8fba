# Ignores all that can be ignored.
import os
import signal
import time

if os.fork() == 0:
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        time.sleep(1)
os._exit(0)
