# Asks the kernel for the time, past the C library.
import ctypes

libc = ctypes.CDLL(None)
CLOCK_GETTIME, CLOCK_MONOTONIC = 228, 1
room = ctypes.create_string_buffer(16)
while True:
    libc.syscall(CLOCK_GETTIME, CLOCK_MONOTONIC, room)
