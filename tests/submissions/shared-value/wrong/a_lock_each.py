import time
from multiprocessing import Lock, Process, Value


def count(name, total):
    lock = Lock()
    time.sleep(0.5)
    for _ in range(50):
        with lock:
            total.value += 1
    print(f"{name} is done")


if __name__ == "__main__":
    total = Value("i", 0)
    children = [Process(target=count, args=(name, total)) for name in "ABCD"]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("total", total.value)
