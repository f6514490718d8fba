import time
from multiprocessing import Process, Queue


def produce(name, things):
    for number in range(1, 6):
        time.sleep(0.1)
        print(f"made {name}{number}")
        things.put(f"{name}{number}")


def consume(things):
    for thing in iter(things.get, None):
        print(f"used {thing}")


if __name__ == "__main__":
    things = Queue()
    producers = [Process(target=produce, args=(name, things)) for name in "ABC"]
    consumers = [Process(target=consume, args=(things,)) for _ in range(2)]
    for process in producers + consumers:
        process.start()
    for producer in producers:
        producer.join()
    for _ in consumers:
        things.put(None)
    print("done")
