import time
from multiprocessing import Process


def visit(name):
    print(f"{name} enters")
    time.sleep(0.5)
    print(f"{name} leaves")


if __name__ == "__main__":
    waiting = [Process(target=visit, args=(f"guest {n}",)) for n in range(10)]
    while waiting:
        batch, waiting = waiting[:4], waiting[4:]
        for guest in batch:
            guest.start()
        for guest in batch:
            guest.join()
    print("closed")
