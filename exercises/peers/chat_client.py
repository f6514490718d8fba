"""A client of the chat server: it says what it sent and what came back.

chat_client.py TEXT       sends TEXT and prints the answer
chat_client.py --long     sends 10,000 ASCII characters and counts those that come back
chat_client.py --silent   connects before the others, says nothing for two seconds, then
sends a word
chat_client.py --leave    connects, sends a word, and leaves without reading
chat_client.py --reset    connects, sends a word, and breaks the connection off
"""

import socket
import struct
import sys
import time

ADDRESS = ("127.0.0.1", 8080)
PATIENCE_S = 30


def connect():
    connection = socket.create_connection(ADDRESS, PATIENCE_S)
    connection.settimeout(PATIENCE_S)
    return connection


def answer(connection, length):
    """So many bytes, or what has come when nothing more comes."""
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


def exchange(connection, text):
    sent = text.encode()
    connection.sendall(sent)
    received = answer(connection, len(sent))
    if received is None:
        print("the connection was broken off")
    elif not received:
        print("no answer")
    else:
        print("answer:", received.decode("utf-8", "replace"))


def long(connection):
    text = "".join(chr(ord("a") + number % 26) for number in range(10_000))
    connection.sendall(text.encode())
    received = answer(connection, len(text)) or b""
    whole = received.decode("ascii", "replace") == text.upper()
    print("long answer:", "whole" if whole else f"{len(received)} of {len(text)} bytes")


def main():
    mode = sys.argv[1]
    if mode != "--silent":
        time.sleep(0.5)  # the silent one is there first
    try:
        connection = connect()
    except OSError as error:
        print("no connection:", error.strerror or error)
        return
    with connection:
        if mode == "--long":
            long(connection)
        elif mode == "--silent":
            time.sleep(2)
            exchange(connection, "late")
        elif mode == "--leave":
            connection.sendall(b"bye")
        elif mode == "--reset":
            connection.sendall(b"bye")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            exchange(connection, mode)
            time.sleep(0.2)
            exchange(connection, mode + " again")


main()
