"""A child besides, so that there are other orders of events to try."""
import socket
from multiprocessing import Process


def greet():
    print("welcome")


if __name__ == "__main__":
    child = Process(target=greet)
    child.start()
    child.join()
    connection = socket.socket()
    connection.connect(("127.0.0.1", 8080))
    while True:
        message = input(">>: ")
        if not message:
            continue
        connection.send(message.encode())
        print(connection.recv(1024).decode())
