# Each process hands over to the next and ends, so that no list of them is ever right.
import os
import time

while True:
    if os.fork():
        os._exit(0)
    time.sleep(0.01)
