from multiprocessing import Process


class Worker(Process):
    def __init__(self, name):
        self.name = name
        super().__init__()

    def run(self):
        print(f"{self.name}正在学习")


if __name__ == "__main__":
    p = Worker("陈松")
    p.start()
    print(p.pid)
    p.join()
