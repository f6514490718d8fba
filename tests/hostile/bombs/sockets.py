# Opens sockets for ever, and leaves unread data in them.
import socket

kept = []
while True:
    pair = socket.socketpair()
    pair[0].setblocking(False)
    try:
        pair[0].send(bytes(100_000))
    except BlockingIOError:
        pass
    kept.append(pair)
