import socket
import time
from multiprocessing import Process


def serve():
    time.sleep(1)
    with socket.create_server(("127.0.0.1", 8080)) as server:
        connection, address = server.accept()
        with connection:
            connection.sendall(connection.recv(1024).upper())


if __name__ == "__main__":
    p = Process(target=serve, daemon=True)
    p.start()
    client = socket.create_connection(("127.0.0.1", 8080))
    client.sendall(b"hello")
    print(client.recv(1024).decode())
    p.join()
