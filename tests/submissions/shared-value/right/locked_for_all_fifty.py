import time
from multiprocessing import Process, Value


def add(total):
    with total.get_lock():
        for _ in range(50):
            total.value += 1


def work(name, total):
    time.sleep(0.5)
    add(total)
    print(f"{name} is done")


if __name__ == "__main__":
    total = Value("i", 0)
    names = ["甲", "乙", "丙", "丁"]
    processes = []
    for name in names:
        p = Process(target=work, args=(name, total))
        p.start()
        processes.append(p)
    while processes:
        processes.pop().join()
    print(f"total {total.value}")
