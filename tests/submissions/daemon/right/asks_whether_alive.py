#!/usr/bin/env python3
# 守护进程
import os
import sys
import time
import multiprocessing


class Background(multiprocessing.Process):
    def __init__(self):
        super().__init__(daemon=True)

    def run(self):
        sys.stdout.write(f'{self.name}\n{os.getpid()}\n')
        sys.stdout.write('正在监视……\n')
        sys.stdout.flush()
        for _ in range(40):
            time.sleep(0.1)


if __name__ == '__main__':
    p = Background()
    p.start()
    time.sleep(2)
    print('主')
    print(p.is_alive())
