# Sleeps by computing.
import time

while time.process_time() < 60:
    pass
