import time
from multiprocessing import Process, Queue


def square(number, results):
    print(f"task {number}")
    time.sleep(0.1)
    results.put(number * number)


if __name__ == "__main__":
    results = Queue()
    processes = [Process(target=square, args=(number, results)) for number in range(1, 21)]
    for process in processes:
        process.start()
    print(sorted(results.get() for _ in processes))
    for process in processes:
        process.join()
    print("done")
