from multiprocessing import Process
import multiprocessing


def inner():
    print('inner')


def outer():
    for attempt in (1, 2):
        try:
            p = multiprocessing.Process(target=inner)
            p.start()
        except AssertionError as e:
            print('被拒绝: ' + str(e))


if __name__ == '__main__':
    p = Process(target=outer)
    p.daemon = True
    p.start()
    code = None
    while code is None:
        code = p.exitcode
    print('完成')
