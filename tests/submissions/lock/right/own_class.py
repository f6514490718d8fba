from multiprocessing import Lock, Process
from time import sleep


class Worker(Process):
    def __init__(self, lock, **others):
        super().__init__(**others)
        self.lock = lock

    def run(self):
        with self.lock:
            print(self.name, "begin")
            sleep(0.5)
            print(self.name, "end")


if __name__ == "__main__":
    one_lock = Lock()
    for name in ["Ann", "Bob", "Cem"]:
        Worker(one_lock, name=name).start()
