# The first thread ends without its process, whose second thread waits for a FIFO.
import ctypes
import os
import threading
import time

os.mkfifo("fifo")
threading.Thread(target=os.open, args=("fifo", os.O_RDONLY)).start()
time.sleep(0.1)
ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
