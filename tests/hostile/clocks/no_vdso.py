# Takes away the memory in which the time is answered.
import ctypes

libc = ctypes.CDLL(None)
for line in open("/proc/self/maps"):
    span, _, _, _, _, *path = line.split()
    if path and path[0] in ("[vdso]", "[vvar]"):
        begin, end = (int(part, 16) for part in span.split("-"))
        libc.munmap(ctypes.c_void_p(begin), end - begin)
import time

print(time.time())
