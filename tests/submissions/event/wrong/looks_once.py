import time
from multiprocessing import Event, Process


def drive(name, green):
    print(f"{name} waits")
    if not green.is_set():
        time.sleep(1.05)
    print(f"{name} passes")


def one_turn(names, green):
    print("red")
    vehicles = [Process(target=drive, args=(name, green)) for name in names]
    for vehicle in vehicles:
        vehicle.start()
    time.sleep(1)
    print("green")
    green.set()
    for vehicle in vehicles:
        vehicle.join()
    green.clear()


if __name__ == "__main__":
    green = Event()
    one_turn(["bus 1", "bus 2", "bus 3"], green)
    one_turn(["bike 1", "bike 2"], green)
    print("done")
