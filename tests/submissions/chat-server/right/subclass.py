import socket
import multiprocessing as mp


class Servant(mp.Process):
    def __init__(self, connection):
        super().__init__()
        self.connection = connection

    def run(self):
        try:
            while data := self.connection.recv(1024):
                self.connection.sendall(data.upper())
        except OSError as error:
            print("client is gone:", error)


def main():
    with socket.create_server(("127.0.0.1", 8080)) as server:
        while True:
            connection, _ = server.accept()
            Servant(connection).start()
            connection.close()


if __name__ == "__main__":
    main()
