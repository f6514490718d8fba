# Each child takes a little less than is allowed.
import os
import time

for _ in range(10):
    if os.fork() == 0:
        kept = bytearray(50_000_000)
        time.sleep(5)
        os._exit(0)
time.sleep(10)
