# Sleeps for ever, and each time gives the second back to the clock.
import ctypes
import select
import struct


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
given_back = 0
while True:
    given_back += 10**9
    for page in pages:
        data = struct.pack("=q", -given_back)
        ctypes.memmove(page + 56, data, len(data))
    select.select([], [], [], 1)
