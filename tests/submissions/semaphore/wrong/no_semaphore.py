import time
from multiprocessing import Process


def visit(name, places):
    print(f"{name} enters")
    time.sleep(0.5)
    print(f"{name} leaves")


if __name__ == "__main__":
    places = 4
    guests = [Process(target=visit, args=(f"guest {n}", places)) for n in range(10)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print("closed")
