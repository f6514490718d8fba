# Is quick in the natural order, and dear in every other: there its clock stands while it computes.
import os
import time
from multiprocessing import Process


def work():
    print(f"answer {os.getpid()}", flush=True)
    time.sleep(1)
    print("worked", flush=True)


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    p.join()
    print("done", flush=True)
    before = time.monotonic()
    sum(range(10**6))
    stands = time.monotonic() - before < 0.002
    while stands:
        os.kill(os.getpid(), 0)
