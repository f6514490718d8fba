import time
from multiprocessing import Process


def work(name):
    print("hello", name)


if __name__ == "__main__":
    p = Process(target=work, args=("小明",))
    p.start()
    print("子进程")
    time.sleep(1)
    print("主程序")
