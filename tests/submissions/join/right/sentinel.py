import time
from multiprocessing import Process
from multiprocessing.connection import wait


class Worker(Process):
    def run(self):
        print(f"hello {self.name}")
        time.sleep(1)
        print("子进程")


if __name__ == "__main__":
    worker = Worker(name="小明", daemon=True)
    worker.start()
    wait([worker.sentinel])
    print("主程序")
