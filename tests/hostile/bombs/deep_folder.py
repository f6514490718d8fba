# A folder in a folder in a folder, deeper than a path may be long; and goes on until that is seen.
import os

for _ in range(2000):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
while True:
    pass
