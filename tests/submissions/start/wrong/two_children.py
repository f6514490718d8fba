import time
from multiprocessing import Process


def hello(name):
    print("hello", name)


def child():
    print("子进程")


if __name__ == "__main__":
    first = Process(target=hello, args=("小明",))
    second = Process(target=child)
    first.start()
    second.start()
    time.sleep(1)
    print("主程序")
