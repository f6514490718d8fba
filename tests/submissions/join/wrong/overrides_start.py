import time
from multiprocessing import Process


class Worker(Process):
    def start(self):
        print("hello 小明")
        time.sleep(1)
        print("子进程")


if __name__ == "__main__":
    p = Worker()
    p.start()
    p.join()
    print("主程序")
