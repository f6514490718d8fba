from multiprocessing import Process
import time


def work(name):
    print("hello", name)
    time.sleep(3)
    print("子进程")


if __name__ == "__main__":
    p = Process(target=work, args=("a",))
    p.start()
    p.join()
    print("主程序")
