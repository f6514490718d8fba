import time
from multiprocessing import Event, Process, Semaphore


def vehicle(name, light, passed):
    print(f"{name} waits")
    while not light.wait(timeout=5):
        pass
    print(f"{name} passes")
    passed.release()


if __name__ == "__main__":
    light, passed = Event(), Semaphore(0)
    everybody = []
    for names in (["bus 1", "bus 2", "bus 3"], ["bike 1", "bike 2"]):
        print("red")
        for name in names:
            process = Process(target=vehicle, args=(name, light, passed))
            process.start()
            everybody.append(process)
        time.sleep(1)
        print("green")
        light.set()
        for name in names:
            passed.acquire()
        light.clear()
    for process in everybody:
        process.join()
    print("done")
