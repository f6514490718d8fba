import time
from multiprocessing import Process


def work():
    print('one')
    time.sleep(0.5)
    print('two')


if __name__ == '__main__':
    ps = [Process(target=work) for _ in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
