# Two processes hand a byte to and fro.
import os

there, back = os.pipe(), os.pipe()
reading, writing = (there[0], back[1]) if os.fork() else (back[0], there[1])
os.write(writing, b"x")
while True:
    os.write(writing, os.read(reading, 1))
