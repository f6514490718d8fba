import time
from multiprocessing import Process


def task(name):
    print(f"{name}正在工作")
    time.sleep(2)
    print(f"{name}还在工作")


if __name__ == "__main__":
    child = Process(target=task, args=("小明",))
    child.start()
    child.terminate()
    print(child.is_alive())
    print("开始")
    child.join()
    print(child.is_alive())
