import time
from multiprocessing import Process, Semaphore


def visit(name, places):
    places.acquire(timeout=0.7)
    print(f"{name} enters")
    time.sleep(0.5)
    print(f"{name} leaves")
    places.release()


if __name__ == "__main__":
    places = Semaphore(4)
    guests = [Process(target=visit, args=(f"guest {n}", places)) for n in range(10)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print("closed")
