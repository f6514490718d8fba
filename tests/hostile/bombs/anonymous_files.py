# Memory in files without a name and without a mapping.
import os

kept = []
for _ in range(40):
    descriptor = os.memfd_create("kept")
    os.posix_fallocate(descriptor, 0, 10_000_000)
    kept.append(descriptor)
print("kept", len(kept), flush=True)
while True:
    pass
