from multiprocessing import Process, SimpleQueue
from time import sleep


class Producer(Process):
    def __init__(self, kind, things):
        super().__init__()
        self.kind, self.things = kind, things

    def run(self):
        for number in range(5):
            sleep(0.1)
            print(f"made {self.kind}{number}")
            self.things.put((self.kind, number))


class Consumer(Process):
    def __init__(self, things):
        super().__init__()
        self.things = things

    def run(self):
        while True:
            kind, number = self.things.get()
            if kind == "end":
                break
            print(f"used {kind}{number}")


if __name__ == "__main__":
    things = SimpleQueue()
    producers = [Producer(kind, things) for kind in "abc"]
    consumers = [Consumer(things), Consumer(things)]
    for process in producers + consumers:
        process.start()
    for producer in producers:
        producer.join()
    for consumer in consumers:
        things.put(("end", 0))
    for consumer in consumers:
        consumer.join()
    print("done")
