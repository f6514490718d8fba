import multiprocessing as mp
import time


def task():
    me = mp.current_process()
    print(f'{me.name}（{me.pid}）正在运行')
    time.sleep(1000)


def main():
    p = mp.Process(target=task, name='后台', daemon=True)
    p.start()
    end = time.time() + 2
    while time.time() < end:
        time.sleep(0.1)
    print('主')


if __name__ == '__main__':
    main()
