import socket
from multiprocessing import Process


def serve(connection):
    connection.settimeout(60)
    while True:
        try:
            data = connection.recv(1024)
        except OSError:
            break
        if not data:
            break
        connection.sendall(data.decode().upper().encode())


if __name__ == '__main__':
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', 8080))
    s.listen(5)
    while True:
        connection, address = s.accept()
        Process(target=serve, args=(connection,)).start()
        connection.close()
