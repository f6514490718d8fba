import time
from multiprocessing import Process


def greet(name):
    print(f"hello {name}")
    time.sleep(1)
    print("子进程")


if __name__ == "__main__":
    child = Process(target=greet, args=("小明",))
    child.start()
    child.join()
    print("主程序")
