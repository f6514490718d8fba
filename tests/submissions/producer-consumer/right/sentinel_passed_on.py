import multiprocessing as mp
from time import sleep

LAST = "that was all"


def produce(name, things):
    for number in range(5):
        sleep(0.1)
        thing = f"{name}-{number}"
        print("made", thing, flush=True)
        things.put(thing)


def consume(things):
    while (thing := things.get()) != LAST:
        print("used", thing, flush=True)
        sleep(0.05)
    things.put(LAST)


def main():
    things = mp.Queue(4)
    producers = [mp.Process(target=produce, args=(letter, things)) for letter in "xyz"]
    consumers = [mp.Process(target=consume, args=(things,)) for _ in "12"]
    for p in consumers + producers:
        p.start()
    for p in producers:
        p.join()
    things.put(LAST)
    for p in consumers:
        p.join()
    print("done")


if __name__ == "__main__":
    main()
