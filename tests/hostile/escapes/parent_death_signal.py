# Asks the kernel for SIGKILL when its parent ends: nobody has sent it.
import ctypes
import os
import signal
import time

if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    time.sleep(10)
    os._exit(0)
time.sleep(1)
os._exit(0)
