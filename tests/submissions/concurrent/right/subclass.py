from multiprocessing import Process
from time import sleep


class Greeter(Process):
    def __init__(self, who):
        super().__init__()
        self.who = who

    def run(self):
        print(f'hello{self.who}'.replace('hello', 'hello '))
        sleep(1)


if __name__ == '__main__':
    for greeter in [Greeter(who) for who in ('小明', '小红', '小刚', '小丽', '陈松')]:
        greeter.start()
