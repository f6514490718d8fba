# Memory that belongs to no process: a shared segment that is filled and let go of.
import mmap
import os

names = []
for number in range(40):
    name = f"/dev/shm/grader-hostile-{os.getpid()}-{number}"
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT)
    os.unlink(name)
    os.ftruncate(descriptor, 10_000_000)
    with mmap.mmap(descriptor, 10_000_000) as view:
        for page in range(0, 10_000_000, 4096):
            view[page] = 1
    names.append(descriptor)
print("kept", len(names), flush=True)
while True:
    pass
