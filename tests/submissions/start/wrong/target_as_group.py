import time
from multiprocessing import Process


def work():
    print("hello 小明")
    print("子进程")


if __name__ == "__main__":
    p = Process(work)
    p.start()
    time.sleep(1)
    print("主程序")
