# Talks to local services that listen at names without a file.
import socket

reached = []
for line in open("/proc/net/unix"):
    name = line.split()[-1]
    if name.startswith("@"):
        with socket.socket(socket.AF_UNIX) as client:
            if client.connect_ex("\0" + name[1:]) == 0:
                reached.append(name)
print("reached", reached)
