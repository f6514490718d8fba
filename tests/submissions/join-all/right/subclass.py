import time
from multiprocessing import Process


class Greeter(Process):
    def __init__(self, who):
        super().__init__(name=who)

    def run(self):
        print(f'hello {self.name}')
        time.sleep(1)


if __name__ == '__main__':
    greeters = []
    for who in ['小明', '小红', '小刚', '小丽', '陈松']:
        greeter = Greeter(who)
        greeters.append(greeter)
        greeter.start()
    while greeters:
        greeters.pop().join()
    print('主进程')
