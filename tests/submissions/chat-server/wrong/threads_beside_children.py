import socket
import time
from multiprocessing import Process
from threading import Thread


def serve(connection):
    with connection:
        while True:
            try:
                data = connection.recv(4096)
                if not data:
                    break
                text = data.decode("utf-8", "surrogateescape").upper()
                connection.sendall(text.encode("utf-8", "surrogateescape"))
            except ConnectionError:
                break


def stand_by():
    time.sleep(1)


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 8080))
    server.listen()
    while True:
        connection, address = server.accept()
        Process(target=stand_by).start()
        Thread(target=serve, args=(connection,), daemon=True).start()
