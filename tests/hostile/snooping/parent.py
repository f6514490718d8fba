# Reads the supervisor: its memory, its environment, its descriptors.
import os

parent = os.getppid()
reached = []
for name in ("environ", "mem", "maps", "fd", "cwd", "exe", "root", "task", "stack", "syscall", "io"):
    path = f"/proc/{parent}/{name}"
    try:
        if name in ("cwd", "exe", "root"):
            os.readlink(path)
        elif name == "fd":
            os.readlink(f"{path}/1")
        elif name == "task":
            continue
        else:
            with open(path, "rb") as file:
                file.read(1)
        reached.append(name)
    except OSError:
        continue
print("read", reached)
