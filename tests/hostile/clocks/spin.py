# Waits a minute by looking at the clock.
import time

end = time.monotonic() + 60
while time.monotonic() < end:
    pass
