import time
from multiprocessing import Process


def task(name):
    print(f"{name}正在工作")
    time.sleep(3)
    print(f"{name}还在工作")


if __name__ == "__main__":
    p = Process(target=task, args=("小明",))
    p.start()
    time.sleep(0.5)
    p.terminate()
    print(p.is_alive())
    print("开始")
    time.sleep(0.1)
    print(p.is_alive())
