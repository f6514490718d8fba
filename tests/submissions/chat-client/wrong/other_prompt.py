from socket import *
client = socket(AF_INET, SOCK_STREAM)
client.connect(('127.0.0.1', 8080))
while True:
    msg = input('请输入: ')
    if msg:
        client.send(msg.encode('utf-8'))
        print(client.recv(1024).decode('utf-8'))
