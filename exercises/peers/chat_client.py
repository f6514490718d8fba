"""A client of the chat server: it says what came back.

    chat_client.py SECONDS TEXT      sends TEXT and 1, soon after TEXT and 2; prints the answers
    chat_client.py SECONDS --long    sends 10,000 ASCII characters and counts what comes back
    chat_client.py SECONDS --silent  says nothing for two seconds, then sends a word
    chat_client.py SECONDS --patient says nothing for longer than any time-out, then sends a word
    chat_client.py SECONDS --leave   sends a word and leaves without reading
    chat_client.py SECONDS --reset   sends a word and breaks the connection off

SECONDS is how long it waits before it connects.
"""

import socket
import string
import struct
import sys
import time

ADDRESS = ("127.0.0.1", 8080)
PATIENCE_S = 30
SILENCES_S = {"--silent": 2, "--patient": 700}


def read(connection, length):
    """So many bytes, or what has come when nothing more comes; None: the connection broke off."""
    received = b""
    while len(received) < length:
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            break
        except ConnectionError:
            return None
        if not piece:
            break
        received += piece
    return received


def send(connection, data):
    """Whether it could be sent."""
    try:
        connection.sendall(data)
    except ConnectionError:
        return False
    return True


def exchange(connection, text):
    sent = text.encode()
    received = read(connection, len(sent)) if send(connection, sent) else None
    if received is None:
        print("the connection was broken off")
    elif not received:
        print("no answer")
    else:
        print("answer:", received.decode("utf-8", "replace"))


def long(connection):
    letters = string.ascii_lowercase + string.ascii_uppercase[::-1]
    text = "".join(letters[number % len(letters)] for number in range(10_000))
    received = read(connection, len(text)) if send(connection, text.encode()) else None
    if received is not None and received.lower() == text.lower().encode():
        print("long answer: whole")
    else:
        print("long answer:", len(received or b""), "of", len(text), "bytes")


def deal_with(connection, what):
    if what == "--long":
        long(connection)
    elif what in SILENCES_S:
        time.sleep(SILENCES_S[what])
        exchange(connection, "Late, but Still here")
    elif what == "--leave":
        send(connection, b"bye")
    elif what == "--reset":
        send(connection, b"bye")
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    else:
        exchange(connection, what + " 1")
        time.sleep(0.5)
        exchange(connection, what + " 2")


def main():
    time.sleep(float(sys.argv[1]))
    try:
        connection = socket.create_connection(ADDRESS, PATIENCE_S)
    except OSError as error:
        print("no connection:", error.strerror or error)
        return
    with connection:
        deal_with(connection, sys.argv[2])


main()
