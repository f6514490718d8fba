import time
from multiprocessing import Process


def greet(name):
    print("hello", name)
    time.sleep(1)


if __name__ == "__main__":
    for n in range(5):
        p = Process(target=greet, args=(n,))
        p.run()
