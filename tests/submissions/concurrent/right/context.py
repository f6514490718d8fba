# five at once, without a join: the program waits for them by itself
import multiprocessing
import time

fork = multiprocessing.get_context('fork')


class Greeter(fork.Process):
    def __init__(self, who):
        super().__init__(name=who)

    def run(self):
        print('hello', self.name)
        time.sleep(1)


if __name__ == '__main__':
    [Greeter(who).start() for who in ('Anna', 'Bob', '小明', '小红', '陈松')]
