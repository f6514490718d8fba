import os
import time
from multiprocessing import Process


class Student(Process):

    def __init__(self, who):
        self.who = who
        super(Student, self).__init__()
        self.name = self.who

    def run(self):
        print(os.getpid())
        print(self.who + '正在跑步...')
        time.sleep(0.2)


def main():
    s = Student('陈松')
    s.start()
    print(s.name, s.pid, os.getpid())
    s.join()
    print('主')


if __name__ == '__main__': main()
