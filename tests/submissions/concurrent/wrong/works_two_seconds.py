import time
from multiprocessing import Process


def greet(name):
    print("hello", name)
    time.sleep(2)


if __name__ == "__main__":
    for n in range(5):
        Process(target=greet, args=(n,)).start()
