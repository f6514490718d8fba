import time
from multiprocessing import Process, Semaphore

turn = Semaphore(1)


def work(name):
    print("waiting:", name)
    with turn:
        print(name, "begin")
        time.sleep(0.5)
        print(name, "end")
    print("gone:", name)


if __name__ == "__main__":
    a = Process(target=work, args=("a",))
    b = Process(target=work, args=("b",))
    c = Process(target=work, args=("c",))
    for p in (a, b, c):
        p.start()
    for p in (c, b, a):
        p.join()
