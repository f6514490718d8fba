import socket

s = socket.socket()
s.connect(('127.0.0.1', 8080))
for i in range(8):
    message = input('>>: ')
    if not message:
        continue
    s.send(message.encode())
    print(s.recv(1024).decode())
