# As many lines as there can be.
import os

while True:
    os.write(1, b"\n" * 50_000)
