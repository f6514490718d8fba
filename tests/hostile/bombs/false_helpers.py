# A fork bomb whose processes look like multiprocessing's own resource tracker.
import os
import sys

LOOK = "from multiprocessing.resource_tracker import main"
for _ in range(200):
    if os.fork() == 0:
        os.execv("/bin/sh", ["sh", "-c", "sleep 5", LOOK])
print("answer", sys.argv)
