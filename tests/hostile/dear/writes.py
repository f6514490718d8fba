# Writes one byte after another to nowhere.
import os

nowhere = os.open("/dev/null", os.O_WRONLY)
while True:
    os.write(nowhere, b"x")
