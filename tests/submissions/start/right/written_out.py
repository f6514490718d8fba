import os, sys
import time
from multiprocessing import *


def child(first, *rest):
    sys.stdout.write('hello ' + first + '\n')
    sys.stdout.write('子进程\n')
    sys.stdout.flush()


if __name__ == '__main__':
    p = Process(target=child, args=('小明', 1, 2))
    p.start()
    begin = time.monotonic()
    while time.monotonic() - begin < 1.0:
        time.sleep(0.05)
    print('主程序', file=sys.stdout)
