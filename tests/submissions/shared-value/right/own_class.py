import time
from multiprocessing import Process, Value

counter = Value("i")


class Counter(Process):
    def run(self):
        time.sleep(0.5)
        for _ in range(50):
            with counter:
                counter.value += 1
        print(f"{self.name} is done")


if __name__ == "__main__":
    counters = [Counter(name=name) for name in ("one", "two", "three", "four")]
    for each in counters:
        each.start()
    for each in counters:
        each.join()
    print(f"total {counter.value}")
