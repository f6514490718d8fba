import socket

s = socket.socket()
s.connect(('127.0.0.1', 8080))
while True:
    msg = input('>>: ').strip()
    if not msg:
        continue
    s.send(msg.encode('utf-8'))
    print(s.recv(1024).decode('utf-8'))
