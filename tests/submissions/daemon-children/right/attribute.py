import time
import multiprocessing as mp


def son():
    time.sleep(1)


def task():
    p = mp.Process(target=son)
    try:
        p.start()
        p.join()
    except Exception as e:
        print('被拒绝：', e)


def main():
    p = mp.Process(target=task)
    p.daemon = True
    p.start()
    p.join()
    print('主')


if __name__ == '__main__':
    main()
