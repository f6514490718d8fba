import time
from multiprocessing import Process, Queue


def work(queue, number):
    queue.put(number)


if __name__ == '__main__':
    queue = Queue()
    ps = [Process(target=work, args=(queue, number)) for number in (1, 2, 3)]
    for p in ps:
        p.start()
    time.sleep(0.1)
    total = 0
    while not queue.empty():
        total += queue.get()
    print('sum', total)
    for p in ps:
        p.join()
