"""An upper-case server for one client after another; it says what it answers and what it was sent.

An answer has a number in it that nobody can guess, so that only who receives it can know it.
In what it was sent, spaces at both ends are shown as ␣ and the end of a line as ⏎.
"""

import random
import socket


def visible(text):
    """Nothing, a lone space or the end of a line is shown as it is: that is sent for nothing."""
    line = text.rstrip("\r\n")
    if len(line) < 2 and not line.strip():
        return line
    inner = line.strip(" ")
    before = len(line) - len(line.lstrip(" "))
    after = len(line) - len(inner) - before
    return "␣" * before + inner + "␣" * after + "⏎" * (line != text)


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
                sent = data.decode("utf-8", "replace")
                text = sent.rstrip("\r\n")
                answer = f"{text.upper()} {random.randrange(1000, 10000)}"
                print("answers:", answer)
                print("got:", visible(sent))
                try:
                    connection.sendall(answer.encode())
                except ConnectionError:
                    break
