import socket


def chat(connection):
    while True:
        text = input(">>: ")
        if text:
            connection.sendall(text.encode())
            answer = connection.recv(4096)
            if not answer:
                return
            print(answer.decode())


if __name__ == "__main__":
    with socket.create_connection(("127.0.0.1", 8080)) as connection:
        try:
            chat(connection)
        except (EOFError, KeyboardInterrupt):
            print()
