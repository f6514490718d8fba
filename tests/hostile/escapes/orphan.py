# The child outlives main.
import os
import time

if os.fork() == 0:
    while os.getppid() != 1:
        time.sleep(1)
os._exit(0)
