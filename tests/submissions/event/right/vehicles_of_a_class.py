import time
from multiprocessing import Event, Process


class Vehicle(Process):
    def __init__(self, kind, number, light):
        super().__init__(name=f"{kind} {number}")
        self.light = light

    def run(self):
        print(self.name, "waits", flush=True)
        self.light.wait()
        print(self.name, "passes", flush=True)


def main():
    light = Event()
    print("red", flush=True)
    buses = [Vehicle("bus", n, light) for n in (1, 2, 3)]
    for bus in buses:
        bus.start()
    time.sleep(1)
    print("green", flush=True)
    light.set()
    for bus in buses:
        bus.join()
    light.clear()
    print("red", flush=True)
    bikes = [Vehicle("bike", n, light) for n in (1, 2)]
    for bike in bikes:
        bike.start()
    time.sleep(1)
    print("green", flush=True)
    light.set()
    for bike in bikes:
        bike.join()
    print("done")


if __name__ == "__main__":
    main()
