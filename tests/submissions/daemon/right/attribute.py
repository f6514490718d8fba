from multiprocessing import Process
import os, time


def task(title):
    print('%s 正在玩 %s' % (os.getpid(), title))
    time.sleep(1)
    print('结束了')


class Player(Process):
    def run(self):
        print('我是', self.name)
        task('球')


if __name__ == '__main__':
    p = Player(name='陈松')
    p.daemon = True
    p.start()
    time.sleep(2)
    print('主')
