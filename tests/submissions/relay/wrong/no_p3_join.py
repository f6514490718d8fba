import time
from multiprocessing import Process
def three():
    print("three")
    time.sleep(0.2)
def two():
    print("two")
    p3 = Process(target=three)
    p3.start()
    print("two done")
def one():
    print("one")
    p2 = Process(target=two)
    p2.start()
    p2.join()
if __name__ == "__main__":
    p1 = Process(target=one)
    p1.start()
    p1.join()
    print("done")
