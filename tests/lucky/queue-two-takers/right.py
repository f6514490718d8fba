from multiprocessing import Process, Queue


def take(queue):
    while True:
        number = queue.get()
        if number is None:
            break
        print('took', number)


if __name__ == '__main__':
    queue = Queue()
    for number in (1, 2, 3, None, None):
        queue.put(number)
    ps = [Process(target=take, args=(queue,)) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('over')
