# Talks to itself for ever.
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
    speaker.bind(("127.0.0.1", 0))
    while True:
        speaker.sendto(bytes(60_000), speaker.getsockname())
