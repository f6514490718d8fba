import socket
import sys

client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("127.0.0.1", 8080))
while True:
    print(">>:", end=" ", flush=True)
    line = sys.stdin.readline()
    if not line:
        break
    message = line.rstrip("\n")
    if len(message) == 0:
        continue
    client.sendall(bytes(message, "utf-8"))
    print(str(client.recv(4096), "utf-8"))
client.close()
