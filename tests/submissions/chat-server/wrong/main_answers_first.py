import select
import socket
from multiprocessing import Process


def answer(connection):
    data = connection.recv(4096)
    text = data.decode("utf-8", "surrogateescape").upper()
    connection.sendall(text.encode("utf-8", "surrogateescape"))
    return bool(data)


def serve(connection):
    with connection:
        try:
            while answer(connection):
                pass
        except ConnectionError:
            pass


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 8080))
    server.listen()
    while True:
        connection, address = server.accept()
        if select.select([connection], [], [], 0.05)[0]:
            try:
                answer(connection)
            except ConnectionError:
                pass
        Process(target=serve, args=(connection,)).start()
        connection.close()
