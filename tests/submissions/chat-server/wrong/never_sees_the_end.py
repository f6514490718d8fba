import socket
from multiprocessing import Process


def serve(connection):
    while True:
        try:
            data = connection.recv(1024)
        except ConnectionResetError:
            break
        connection.sendall(data.upper())
    connection.close()


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(('', 8080))
    server.listen(5)
    while True:
        connection, address = server.accept()
        p = Process(target=serve, args=(connection,))
        p.start()
