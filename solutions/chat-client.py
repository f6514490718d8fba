import socket

client = socket.socket()
client.connect(("127.0.0.1", 8080))
while True:
    try:
        line = input(">>: ")
    except EOFError:
        break
    if not line:
        continue
    client.sendall(line.encode())
    print(client.recv(4096).decode())
client.close()
