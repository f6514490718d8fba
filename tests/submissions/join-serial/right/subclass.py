import time
from multiprocessing import Process


class Greeter(Process):
    def __init__(self, who):
        super().__init__(daemon=True)
        self.who = who

    def run(self):
        print('hello', self.who)
        time.sleep(1)


if __name__ == '__main__':
    for who in ('小明', '小红', '小刚', '小丽', '陈松'):
        greeter = Greeter(who)
        greeter.start()
        greeter.join()
    print('主进程')
