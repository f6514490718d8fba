from multiprocessing import BoundedSemaphore, Process
from time import sleep


def visit(name, places):
    places.acquire()
    try:
        print(name, "enters", flush=True)
        sleep(0.5)
        print(name, "leaves", flush=True)
    finally:
        places.release()


def main():
    places = BoundedSemaphore(value=4)
    guests = []
    for name in "abcdefghij":
        guest = Process(target=visit, args=[name, places])
        guests.append(guest)
        guest.start()
    while guests:
        guests.pop().join()
    print("closed")


if __name__ == "__main__":
    main()
