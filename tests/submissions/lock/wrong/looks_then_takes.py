import time
from multiprocessing import Process, Value


def work(name, taken):
    while taken.value:
        time.sleep(0.01)
    taken.value += 1
    print(name, "begin")
    time.sleep(0.5)
    print(name, "end")
    taken.value -= 1


if __name__ == "__main__":
    taken = Value("i", 0)
    workers = [Process(target=work, args=(name, taken)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
