import time
from multiprocessing import Process


def work():
    print('小明正在写作业')
    time.sleep(2)
    print('小明还在写作业')


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    p.terminate()
    print(p.is_alive())
    p.is_alive()
    print('开始')
    p.join()
    print(False)
