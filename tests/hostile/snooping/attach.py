# Traces its parent, reads its memory, takes over its descriptors.
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
parent = os.getppid()
reached = [
    libc.ptrace(16, parent, 0, 0) == 0,
    libc.ptrace(0x4206, parent, 0, 0) == 0,
    libc.process_vm_readv(parent, None, 0, None, 0, 0) == 0,
    libc.syscall(438, libc.syscall(434, parent, 0), 0, 0) >= 0,
    libc.syscall(312, os.getpid(), parent, 0, 0, 0) >= 0,
]
print("reached", sum(reached))
