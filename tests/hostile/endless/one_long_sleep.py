# Sleeps for thirty years.
import time

time.sleep(10**9)
