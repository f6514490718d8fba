import time
from multiprocessing import Process


def greet(name):
    print("hello", name)
    time.sleep(1)


if __name__ == "__main__":
    for n in range(5):
        Process(target=greet, args=(n,), daemon=True).start()
    time.sleep(0.1)
