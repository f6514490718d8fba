import time
from multiprocessing import Process, Value


number = 0


def count(name, total):
    global number
    time.sleep(0.5)
    for _ in range(50):
        number += 1
    print(f"{name} is done")


if __name__ == "__main__":
    total = Value("i", 0)
    children = [Process(target=count, args=(name, total)) for name in "ABCD"]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("total", number)
