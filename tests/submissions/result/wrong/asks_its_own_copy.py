import time
from multiprocessing import Process

result = None


def work():
    global result
    result = 6 * 7


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    while result is None:
        time.sleep(0.1)
    p.join()
    print(result)
