import socket

s = socket.socket()
s.connect(("127.0.0.1", 8080))
while True:
    line = input(">>: ")
    if not line:
        continue
    s.send(line.encode())
    print(line.upper(), s.recv(1024))
