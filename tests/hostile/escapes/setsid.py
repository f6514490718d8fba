# A child in a session of its own.
import os
import time

if os.fork() == 0:
    os.setsid()
    while True:
        time.sleep(1)
print("done")
