# -*- coding: utf-8 -*-
import multiprocessing as mp
from time import sleep

# the work of the child


def work(name="小红"):

    print('hello  %s' % name)
    print()
    print('子进程')


def main():
    p = mp.Process(target=work, kwargs={'name': 'Anna'}, daemon=True)
    p.start()
    sleep(1.2)
    print('主程序')   # the last line
    p.join()


if __name__ == '__main__': main()
