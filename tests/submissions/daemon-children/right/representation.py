import sys
from multiprocessing import Process


def nothing():
    pass


def try_it():
    print('守护进程开始')
    child = Process(target=nothing, daemon=True)
    try:
        child.start()
    except BaseException:
        print(f'被拒绝: {sys.exc_info()[1]!r}')
    finally:
        print('守护进程结束')


if __name__ == "__main__":
    p = Process(daemon=True, target=try_it)
    p.start()
    p.join()
    print('退出码', p.exitcode)
    sys.exit(0)
