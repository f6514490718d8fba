import multiprocessing as mp
import time


def pass_by(kind, number, light):
    print(kind, number, "waits")
    light.wait()
    print(kind, number, "passes")


if __name__ == "__main__":
    for kind, how_many in [("bus", 3), ("bike", 2)]:
        light = mp.Event()
        print("red")
        queue = []
        for number in range(1, how_many + 1):
            vehicle = mp.Process(target=pass_by, args=(kind, number, light))
            vehicle.start()
            queue.append(vehicle)
        time.sleep(1)
        print("green")
        light.set()
        for vehicle in queue:
            vehicle.join()
    print("done")
