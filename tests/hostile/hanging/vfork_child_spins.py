# Waits in vfork for a child that computes for ever.
import ctypes
import os
import signal

CLONE, CLONE_VFORK = {"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x4000
libc = ctypes.CDLL(None)
if libc.syscall(CLONE, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0) == 0:
    while True:
        pass
print("went on")
