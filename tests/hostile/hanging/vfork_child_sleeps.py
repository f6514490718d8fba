# Waits in vfork for a child that waits for a word of its parent's.
import ctypes
import os
import signal

CLONE, CLONE_VFORK = {"x86_64": 56, "aarch64": 220}[os.uname().machine], 0x4000
libc = ctypes.CDLL(None)
read_end, write_end = os.pipe()
if libc.syscall(CLONE, CLONE_VFORK | signal.SIGCHLD, 0, 0, 0, 0) == 0:
    os.read(read_end, 1)
    os._exit(0)
print("went on")
