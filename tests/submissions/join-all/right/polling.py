import multiprocessing as mp
import time


def greet(name):
    print('hello %s' % name)
    print()
    time.sleep(1)


def main():
    children = []
    for i in range(1, 6):
        p = mp.Process(target=greet, name=f'child-{i}', kwargs=dict(name=i))
        p.start()
        children.append(p)
    while any(p.exitcode is None for p in children):
        time.sleep(0.05)
    print('主进程')


if __name__ == '__main__':
    main()
