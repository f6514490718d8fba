import time
from multiprocessing import Process, Queue


def visit(name, chairs):
    chair = chairs.get()
    print(name, "enters")
    time.sleep(0.5)
    print(name, "leaves")
    chairs.put(chair)


if __name__ == "__main__":
    chairs = Queue()
    for number in range(4):
        chairs.put(number)
    guests = [Process(target=visit, args=(f"G{n}", chairs)) for n in range(1, 11)]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    print("closed")
