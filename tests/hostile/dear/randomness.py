# Asks for one random byte after another.
import os

while True:
    os.getrandom(1)
