import socket
import time
from multiprocessing import Process
from threading import Thread


def serve(connection):
    with connection:
        while True:
            try:
                data = connection.recv(4096)
                if not data:
                    break
                text = data.decode("utf-8", "surrogateescape").upper()
                connection.sendall(text.encode("utf-8", "surrogateescape"))
            except ConnectionError:
                break


def serve_all(server):
    threads = []
    for _ in range(7):
        connection, address = server.accept()
        threads.append(Thread(target=serve, args=(connection,)))
        threads[-1].start()
    server.close()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 8080))
    server.listen()
    Process(target=serve_all, args=(server,)).start()
    for _ in range(6):
        Process(target=time.sleep, args=(1,)).start()
    while True:
        time.sleep(1)
