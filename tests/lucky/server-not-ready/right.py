import socket
from multiprocessing import Event, Process


def serve(ready):
    with socket.create_server(('127.0.0.1', 8099)) as server:
        ready.set()
        connection, _ = server.accept()
        with connection:
            connection.sendall(b'42')


def ask(ready):
    ready.wait()
    with socket.create_connection(('127.0.0.1', 8099)) as connection:
        print('answer', connection.recv(100).decode())


if __name__ == '__main__':
    ready = Event()
    server, client = Process(target=serve, args=(ready,)), Process(target=ask, args=(ready,))
    server.daemon = True
    server.start()
    client.start()
    client.join()
