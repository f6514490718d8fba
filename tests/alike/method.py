import os
import random
from multiprocessing import Process, get_start_method


def work(number):
    print(number, os.getpid(), os.getppid(), random.random(), hash("word"))


if __name__ == "__main__":
    print(get_start_method())
    ps = [Process(target=work, args=(number,)) for number in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
