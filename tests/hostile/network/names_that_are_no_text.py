# Addresses, files and programs whose names are no text in any encoding.
import os
import socket

NAME = b"\xff\xfe\x80\x1b[2J"
for name in (NAME, b"\0" + NAME):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(name)
        server.listen()
        client.connect(name)
        print("connected")
os.symlink("/bin/sleep", b"link" + NAME)
if os.fork() == 0:
    os.execv(b"link" + NAME, [NAME, b"9"])
os.mkfifo(b"fifo" + NAME)
os.open(b"fifo" + NAME, os.O_RDONLY)
