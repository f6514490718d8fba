# Each waits in vfork for the next, and the last one stops itself.
import ctypes
import os
import signal

CLONE, CLONE_VFORK = {"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x4000
libc = ctypes.CDLL(None)
for _ in range(10):
    if libc.syscall(CLONE, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0) != 0:
        os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
