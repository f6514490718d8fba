# Takes all that the kernel counts for a user: descriptors in flight, pipes, named ones, watches and
# terminals. Then it takes memory.
import array
import os
import select
import socket
from contextlib import suppress

for _ in range(3):
    if os.fork() == 0:
        break
kept = []
mailbox = socket.socketpair()
with suppress(OSError):
    while True:
        rights = array.array("i", [0] * 50)
        mailbox[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
with suppress(OSError):
    while True:
        kept.append(os.openpty())
with suppress(OSError):
    for number in range(100):
        name = f"pipe-{os.getpid()}-{number}"
        os.mkfifo(name)
        kept.append(os.open(name, os.O_RDWR))
with suppress(OSError):
    while True:
        kept.append(os.pipe())
with suppress(OSError):
    for _ in range(30):
        poller = select.epoll()
        kept.append(poller)
        for descriptor in range(600, 1000):
            os.dup2(mailbox[1].fileno(), descriptor)
            poller.register(descriptor)
            os.close(descriptor)
while True:
    kept.append(b"x" * 10**7)
