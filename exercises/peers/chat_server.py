"""An upper-case server for one client after another; it says what it was sent."""

import socket

with socket.create_server(("127.0.0.1", 8080)) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            while True:
                try:
                    data = connection.recv(65536)
                except ConnectionError:
                    break
                if not data:
                    break
                print("got:", data.decode("utf-8", "replace"))
                connection.sendall(data.decode("utf-8", "replace").upper().encode())
