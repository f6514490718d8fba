import multiprocessing as mp
import time


def greet(who, times=1, mark='?'):
    me = mp.current_process()
    while times > 0:
        print(me.name + '： ' + who + mark)
        time.sleep(0.1)
        times -= 1


if __name__ == '__main__':
    p = mp.Process(None, greet, 'greeter', ['小明', 3], dict(mark='！'))
    p.start()
