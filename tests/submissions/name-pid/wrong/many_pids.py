import os
from multiprocessing import Process


class Person(Process):
    def __init__(self, name):
        super().__init__(name=name)

    def run(self):
        print(self.name + '正在学习')


if __name__ == '__main__':
    p = Person('陈松')
    p.start()
    print(*range(os.getpid() + 1, os.getpid() + 100))
