# Finds the page from which it reads the time, and overwrites it with nonsense.
import ctypes
import struct
import time

NONSENSE = [struct.pack("=q", n) * 8 for n in (-1, -(2**63), 2**63 - 1, 10**18, -(10**12), 0)]


def clock_pages():
    maps = []
    for line in open("/proc/self/maps"):
        span, rights, _, _, _, *path = line.split()
        begin, end = (int(part, 16) for part in span.split("-"))
        maps.append((begin, end, rights, path))
    ((begin, end),) = [(b, e) for b, e, _, path in maps if path == ["[vdso]"]]
    with open("/proc/self/mem", "rb") as memory:
        memory.seek(begin)
        code = memory.read(end - begin)
    words = {struct.unpack_from("=Q", code, place)[0] for place in range(len(code) - 7)}
    return [
        word
        for word in words
        if word % 4096 == 0
        and any(b <= word < e and "rw" in rights and not path for b, e, rights, path in maps)
    ]


pages = clock_pages()
print("pages", len(pages))
for pattern in NONSENSE:
    for page in pages:
        data = pattern
        ctypes.memmove(page, data, len(data))
    time.sleep(0.1)
    time.time()
print("still here")
