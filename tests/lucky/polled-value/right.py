import time
from multiprocessing import Process, Value


def work(done):
    time.sleep(0.1)
    with done.get_lock():
        done.value += 1


if __name__ == '__main__':
    done = Value('i', 0)
    ps = [Process(target=work, args=(done,)) for _ in range(5)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('over')
