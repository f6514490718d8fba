# Listens to all that passes.
import socket

reached = 0
for family, kind, protocol in (
    (socket.AF_PACKET, socket.SOCK_RAW, 0x0300),
    (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    (socket.AF_NETLINK, socket.SOCK_RAW, 9),
):
    try:
        with socket.socket(family, kind, protocol) as listener:
            listener.bind(("lo", 0) if family == socket.AF_PACKET else (0, 1))
            reached += 1
    except OSError:
        continue
print("reached", reached)
