import time
from multiprocessing import Process


def greet(name):
    print(f"hello {name}")
    time.sleep(1)


if __name__ == "__main__":
    for number in range(4):
        Process(target=greet, args=(f"worker {number}",)).start()
