import multiprocessing
import time


class Greeter(multiprocessing.Process):
    def __init__(self, who):
        super().__init__(name="greeter")
        self.who = who

    def run(self):
        print("hello", self.who)
        print("子进程")


if __name__ == "__main__":
    greeter = Greeter("陈松")
    greeter.start()
    time.sleep(1)
    print("主程序")
