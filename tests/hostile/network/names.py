# Asks for the address of a name.
import socket

try:
    socket.getaddrinfo("example.org", 80)
    print("reached")
except OSError:
    print("nobody answers")
