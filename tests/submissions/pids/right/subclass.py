import os
from multiprocessing import Process, current_process, parent_process


class Reporter(Process):
    def run(self):
        print('子进程id： ', current_process().pid, '父进程id： ', parent_process().pid)


if __name__ == '__main__':
    reporters = [Reporter(daemon=True) for _ in range(5)]
    [reporter.start() for reporter in reporters]
    [reporter.join() for reporter in reporters]
    print('主进程id: ', os.getpid())
