import socket

s = socket.socket()
s.connect(('127.0.0.1', 8080))
while True:
    message = input('>>: ')
    if not message:
        message = input('>>: ')
    s.send(message.encode())
    print(s.recv(1024).decode())
