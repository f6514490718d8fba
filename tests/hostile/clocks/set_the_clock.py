# Sets the machine's clock.
import ctypes
import os
import time

libc = ctypes.CDLL(None, use_errno=True)
reached = 0
for deed in (
    lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
    lambda: os.utime("/proc/self"),
):
    try:
        deed()
        reached += 1
    except OSError as error:
        print(error.strerror)
reached += libc.adjtimex(b"\xff" * 256) >= 0
reached += libc.settimeofday((ctypes.c_long * 2)(0, 0), None) == 0
print("reached", reached)
