import time
from multiprocessing import Process


def work(name):
    print("hello", name)
    time.sleep(1)
    print("子进程")


if __name__ == "__main__":
    p = Process(target=work, args=("小明",))
    p.start()
    time.sleep(0.5)
    p.terminate()
    p.join()
    print("主程序")
