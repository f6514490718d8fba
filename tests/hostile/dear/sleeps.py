# Sleeps for no time at all.
import time

while True:
    time.sleep(0)
