# One file that is too large.
with open("file", "wb") as file:
    while True:
        file.write(bytes(10**7))
