import multiprocessing


class Greeter(multiprocessing.Process):
    def __init__(self, who, times, *, mark):
        super().__init__(name='greeter')
        self.who, self.times, self.mark = who, times, mark

    def run(self):
        for i in range(self.times):
            print(self.name, ': ', self.who, self.mark, sep='')


if __name__ == '__main__':
    Greeter('小明', 3, mark='!').start()
