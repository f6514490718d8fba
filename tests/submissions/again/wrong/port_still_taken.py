import socket
from multiprocessing import Process


def visit():
    with socket.create_connection(("127.0.0.1", 8080)) as client:
        print(client.recv(100).decode())


def serve_once():
    server = socket.socket()
    server.bind(("127.0.0.1", 8080))
    server.listen()
    p = Process(target=visit)
    p.start()
    connection, address = server.accept()
    connection.sendall(b"bye")
    connection.close()
    server.close()
    p.join()


if __name__ == "__main__":
    serve_once()
    serve_once()
    print("done")
