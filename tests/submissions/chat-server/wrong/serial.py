import socket
from multiprocessing import Process


def serve(connection):
    while True:
        try:
            data = connection.recv(1024)
            if not data:
                break
            connection.sendall(data.upper())
        except OSError:
            break
    connection.close()


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('127.0.0.1', 8080))
    server.listen(5)
    while True:
        connection, address = server.accept()
        serve(connection)
