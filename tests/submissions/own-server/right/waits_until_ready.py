import socket
import time
from multiprocessing import Event, Process


def serve(ready):
    time.sleep(1)
    with socket.create_server(("127.0.0.1", 8080)) as server:
        ready.set()
        connection, address = server.accept()
        with connection:
            connection.sendall(connection.recv(1024).upper())


if __name__ == "__main__":
    ready = Event()
    p = Process(target=serve, args=(ready,))
    p.start()
    ready.wait()
    with socket.create_connection(("127.0.0.1", 8080)) as client:
        client.sendall(b"hello")
        print(client.recv(1024).decode())
    p.join()
