# Fills the sockets of eight processes, and sends some that are full to another one, so that the
# memory is neither a process's nor a descriptor's.
import array
import os
import socket
from contextlib import suppress


def fill(sender):
    sender.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            sender.send(bytes(50_000))


for _ in range(7):
    if os.fork() == 0:
        break
kept = []
while True:
    pair = socket.socketpair()
    fill(pair[0])
    try:
        mailbox = socket.socketpair()
        fill(mailbox[0])
        kept.append(mailbox)
        descriptors = array.array("i", [each.fileno() for each in pair])
        mailbox[1].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    except OSError:
        kept.append(pair)
