# Fills the disk, file after file.
number = 0
while True:
    number += 1
    with open(f"file{number}", "wb") as file:
        file.write(bytes(9_000_000))
