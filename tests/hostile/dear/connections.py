# Calls where nobody listens.
import socket

while True:
    with socket.socket() as caller:
        caller.connect_ex(("127.0.0.1", 1))
