import socket

s = socket.socket()
s.connect(('127.0.0.1', 8080))
while True:
    message = input('>>: ')
    if not message:
        continue
    s.send(message.encode())
    print(message.upper())
