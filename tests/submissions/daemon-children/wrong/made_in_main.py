from multiprocessing import Process


def inner():
    print('inner')


def outer(child):
    try:
        child.start()
    except AssertionError:
        print('被拒绝: daemonic processes are not allowed to have children')


if __name__ == '__main__':
    child = Process(target=inner)
    p = Process(target=outer, args=(child,), daemon=True)
    p.start()
    p.join()
