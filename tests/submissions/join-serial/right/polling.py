# -*- coding: utf-8 -*-
import time
import multiprocessing


def greet(name):
    print('hello ' + name)
    time.sleep(1)


if __name__ == '__main__':
    names = iter('abcde')
    for name in names:
        p = multiprocessing.Process(target=greet, args=name)
        p.start()
        while p.is_alive():
            p.join(0.3)
    print('主进程')
