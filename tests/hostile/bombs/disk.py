# Fills the disk, file after file.
import os

number = 0
while True:
    number += 1
    with open(f"file{number}", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 90_000_000)
