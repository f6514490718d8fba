# A process that starts two processes, as multiprocessing does it.
from multiprocessing import Process


def work():
    for _ in range(2):
        Process(target=work).start()
    while True:
        pass


if __name__ == "__main__":
    work()
