import time
from multiprocessing import Process


def inner():
    print('inner')


def outer():
    try:
        Process(target=inner).start()
    except AssertionError as e:
        print('被拒绝:', e)


if __name__ == '__main__':
    p = Process(target=outer, daemon=True)
    p.start()
    end = time.time() + 0.3
    while p.is_alive() and time.time() < end:
        time.sleep(0.01)
