import time
from multiprocessing import Process


def greet(name, seconds):
    print("hello", name)
    time.sleep(seconds)


if __name__ == "__main__":
    for n in range(5):
        p = Process(target=greet, args=(n, 1 + n / 50))
        p.start()
    p.join()
    print("主进程")
