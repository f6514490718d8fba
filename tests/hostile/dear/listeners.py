# Listens at the same socket again and again.
import socket

with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    while True:
        listener.listen()
