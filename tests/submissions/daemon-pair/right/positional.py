from multiprocessing import Process
from time import sleep


def foo():
    print(123)
    sleep(1)
    print("end123")


class Bar(Process):
    def run(self):
        print(456)
        for _ in range(6):
            sleep(0.5)
        print("end456")


def main():
    p1 = Process(None, foo, "p1", daemon=True)
    p2 = Bar(daemon=False)
    for p in [p1, p2]:
        p.start()
    sleep(0.1)
    print("-".join(["main", "", "", "", "", "", "", ""]))


if __name__ == "__main__": main()
