# Looks for a kind of socket that leads past the private network: to the host of a virtual machine
# (vsock), into the kernel's own channels, or into code that is seldom used.
import socket

ORDINARY = {socket.AF_UNIX, socket.AF_INET, socket.AF_INET6}
KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)

opened = []
for family in set(range(64)) - ORDINARY:
    for kind in KINDS:
        for protocol in range(1, 17) if family == socket.AF_NETLINK else (0,):
            try:
                with socket.socket(family, kind, protocol):
                    opened.append((family, int(kind), protocol))
            except OSError:
                continue
print("opened", opened)
