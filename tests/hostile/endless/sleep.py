# Sleeps for ever, a second at a time.
import time

while True:
    time.sleep(1)
