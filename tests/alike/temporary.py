import os
import tempfile
import time
from multiprocessing import Process


def make():
    with (
        tempfile.NamedTemporaryFile(dir=".") as file,
        tempfile.TemporaryDirectory(dir=".") as folder,
    ):
        print(os.path.basename(file.name), os.path.basename(folder))
    print(os.getpid(), os.getppid(), time.time(), time.monotonic(), object())


if __name__ == "__main__":
    ps = [Process(target=make) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
