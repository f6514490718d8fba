import time
from multiprocessing import Lock, Process


def add(lock):
    with lock:
        with open('count') as file:
            number = int(file.read())
        time.sleep(0.2)
        with open('count', 'w') as file:
            file.write(str(number + 1))


if __name__ == '__main__':
    with open('count', 'w') as file:
        file.write('0')
    lock = Lock()
    ps = [Process(target=add, args=(lock,)) for _ in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(open('count').read())
