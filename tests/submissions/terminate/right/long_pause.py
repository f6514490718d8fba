from time import sleep
import multiprocessing


def f(name):
    print(name + '正在跑步')
    sleep(1)
    print(name + '还在跑步')


def main():
    p = multiprocessing.Process(target=f, args=('Tom',), daemon=True)
    p.start()
    p.terminate()
    alive = p.is_alive()
    print(alive)
    print('开始')
    sleep(1)
    alive = p.is_alive()
    print(alive)


if __name__ == '__main__':
    main()
