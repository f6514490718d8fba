import socket
import time
from multiprocessing import Process


def send():
    with socket.create_connection(("127.0.0.1", 8080)) as connection:
        connection.sendall(b"one")
        connection.sendall(b"two")


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 8080)) as server:
        p = Process(target=send)
        p.start()
        connection, address = server.accept()
        time.sleep(0.5)
        with connection:
            for _ in range(2):
                print(connection.recv(1024).decode())
        p.join()
