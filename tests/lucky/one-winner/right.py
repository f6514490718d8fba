import os
from multiprocessing import Process


def take():
    try:
        os.close(os.open('winner', os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        print('too late')
    else:
        print('won')


if __name__ == '__main__':
    ps = [Process(target=take) for _ in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
