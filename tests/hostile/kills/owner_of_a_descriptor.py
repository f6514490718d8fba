# Makes the kernel send the signal: as the news of data on a socket that its parent "owns".
import fcntl
import os
import signal
import socket
import struct

reached = 0
for request in (0x8901, 0x8902):
    here, there = socket.socketpair()
    try:
        fcntl.ioctl(here, request, struct.pack("i", os.getppid()))
        fcntl.fcntl(here, 10, signal.SIGKILL)
        fcntl.fcntl(here, fcntl.F_SETFL, os.O_ASYNC)
        there.send(b"now")
        reached += 1
    except OSError as error:
        print(error.strerror)
print("reached", reached)
