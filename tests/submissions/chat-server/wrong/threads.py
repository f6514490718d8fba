import socket
from threading import Thread


def serve(connection):
    while True:
        try:
            data = connection.recv(1024)
        except ConnectionResetError:
            break
        if not data:
            break
        connection.sendall(data.upper())
    connection.close()


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('127.0.0.1', 8080))
    server.listen(5)
    while True:
        connection, address = server.accept()
        Thread(target=serve, args=(connection,)).start()
