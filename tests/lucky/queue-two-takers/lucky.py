import time
from multiprocessing import Process, Queue


def take(queue):
    while not queue.empty():
        print('took', queue.get())


if __name__ == '__main__':
    queue = Queue()
    for number in (1, 2, 3):
        queue.put(number)
    time.sleep(0.5)
    ps = [Process(target=take, args=(queue,)) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('over')
