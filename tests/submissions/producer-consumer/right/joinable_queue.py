import time
from multiprocessing import JoinableQueue, Process


def produce(name, things):
    for number in range(5):
        time.sleep(0.1)
        print(f"made {name} {number}")
        things.put(f"{name} {number}")


def consume(things):
    while True:
        thing = things.get()
        if thing is None:
            return
        print(f"used {thing}")
        things.task_done()


if __name__ == "__main__":
    things = JoinableQueue()
    producers = [Process(target=produce, args=(name, things)) for name in ("苹果", "梨", "桃")]
    consumers = [Process(target=consume, args=(things,)) for _ in range(2)]
    for process in producers + consumers:
        process.start()
    for producer in producers:
        producer.join()
    things.join()
    for consumer in consumers:
        things.put(None)
    for consumer in consumers:
        consumer.join()
    print("done")
