import socket
import time
from multiprocessing import Process


def serve():
    with socket.create_server(('127.0.0.1', 8099)) as server:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b'42')


def ask():
    with socket.create_connection(('127.0.0.1', 8099)) as connection:
        print('answer', connection.recv(100).decode())


if __name__ == '__main__':
    server, client = Process(target=serve), Process(target=ask)
    server.daemon = True
    server.start()
    time.sleep(0.1)
    client.start()
    client.join()
