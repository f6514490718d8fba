"""An upper-case server for one client after another; it says what it answers and what it was sent.

An answer has a number in it that nobody can guess, so that only who receives it can know it.
"""

import random
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
                text = data.decode("utf-8", "replace").rstrip("\r\n")
                answer = f"{text.upper()} {random.randrange(1000, 10000)}"
                print("answers:", answer)
                print("got:", text)
                try:
                    connection.sendall(answer.encode())
                except ConnectionError:
                    break
