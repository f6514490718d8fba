import time
from multiprocessing import Process


def produce(name, things):
    for number in range(1, 6):
        time.sleep(0.1)
        print(f"made {name}{number}")
        things.append(f"{name}{number}")


def consume(things):
    for _ in range(20):
        time.sleep(0.1)
        while things:
            print(f"used {things.pop(0)}")


if __name__ == "__main__":
    things = []
    producers = [Process(target=produce, args=(name, things)) for name in "ABC"]
    consumers = [Process(target=consume, args=(things,)) for _ in range(2)]
    for process in producers + consumers:
        process.start()
    for process in producers + consumers:
        process.join()
    print("done")
