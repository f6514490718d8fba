# Asks the kernel for keys, and for its own log.
import ctypes

libc = ctypes.CDLL(None)
reached = [
    libc.syscall(250, 0, -3, 1) >= 0,
    libc.syscall(248, b"user", b"grader-hostile", b"x", 1, -3) >= 0,
    libc.syscall(321, 0, b"\0" * 128, 128) >= 0,
    libc.syscall(298, b"\0" * 128, 0, -1, -1, 0) >= 0,
    libc.syscall(323, 0) >= 0,
]
print("reached", sum(reached))
