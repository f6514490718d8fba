from multiprocessing import Process, current_process
import os


class Base(Process):
    def run(self):
        print(current_process().pid)
        self.work()


class Cook(Base):
    def work(self):
        print(self.name + '...正在做饭')


class Driver(Base):
    def work(self):
        print(self.name + '...正在开车')


if __name__ == '__main__':
    cook, driver, other = Cook(), Driver(), Driver()
    cook.name = '老王'
    driver.name = '老李'
    other.name = '老张'
    for p in (cook, driver, other):
        p.start()
        p.join()
    print('主进程')
