import multiprocessing as mp
from os import getpid


class MyProcess(mp.Process):
    def __init__(self, who):
        super(MyProcess, self).__init__()
        self.who = who

    def run(self):
        print('子进程', getpid())
        print()
        print('%s...正在...' % self.who)


if __name__ == '__main__':
    p1 = MyProcess('Anna')
    p2 = MyProcess('Bob')
    p3 = MyProcess('Carl')
    p1.start()
    p2.start()
    p3.start()
    p1.join()
    p2.join()
    p3.join()
    print('主进程')
