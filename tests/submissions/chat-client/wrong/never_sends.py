import socket

client = socket.socket()
client.connect(("127.0.0.1", 8080))
while True:
    line = input(">>: ")
    if not line:
        continue
    print(line.upper())
