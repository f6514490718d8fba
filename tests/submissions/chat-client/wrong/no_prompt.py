import socket

client = socket.socket()
client.connect(("127.0.0.1", 8080))
while True:
    line = input()
    if not line:
        continue
    client.send(line.encode("utf-8"))
    print(client.recv(1024).decode("utf-8"))
