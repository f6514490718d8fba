import time
import multiprocessing as mp


class Piao(mp.Process):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def run(self):
        print('%s 正在学习' % self.name)
        time.sleep(4)
        print('%s 还在学习' % self.name)


if __name__ == '__main__':
    p1 = Piao('egon')
    p1.start()
    p1.terminate()
    print(p1.is_alive())
    print('开始')
    while p1.is_alive():
        time.sleep(0.01)
    print(p1.is_alive())
