import time
from multiprocessing import Process, Value


def count(name, total):
    time.sleep(0.5)
    for _ in range(50):
        with total.get_lock():
            number = total.value
        total.value = number + 1
    print(f"{name} is done")


if __name__ == "__main__":
    total = Value("i", 0)
    children = [Process(target=count, args=(name, total)) for name in "ABCD"]
    for child in children:
        child.start()
    for child in children:
        child.join()
    print("total", total.value)
