# -*- coding: utf-8 -*-
import multiprocessing, os, time


class Worker(multiprocessing.Process):

    def run(self):
        # the same line says the name and the number
        print(f'{self.name} 正在睡觉，pid={os.getpid()}')
        time.sleep(0.3)
        print('醒了')


def main():
    workers = []
    for i in range(1, 4):
        w = Worker(name=f'Worker-{i}')
        w.start()
        workers.append(w)
    [w.join() for w in workers]
    print('主进程')


if __name__ == '__main__':
    main()
