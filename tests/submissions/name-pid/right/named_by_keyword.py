import multiprocessing as mp
import time


class MyProcess(mp.Process):
    def __init__(self, name):
        super().__init__(name=name)

    def run(self):
        print('%s正在上课' % mp.current_process().name)
        time.sleep(1)


if __name__ == '__main__':
    p = MyProcess('陈松')
    p.start()
    print('子进程的pid:', p.pid)
