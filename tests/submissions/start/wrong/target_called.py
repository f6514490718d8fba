import time
from multiprocessing import Process


def work(name):
    print("hello", name)
    print("子进程")


if __name__ == "__main__":
    p = Process(target=work("小明"))
    p.start()
    time.sleep(1)
    print("主程序")
