from multiprocessing import Process, Queue


def work(queue, number):
    queue.put(number)


if __name__ == '__main__':
    queue = Queue()
    ps = [Process(target=work, args=(queue, number)) for number in (1, 2, 3)]
    for p in ps:
        p.start()
    total = 0
    for _ in ps:
        total += queue.get()
    print('sum', total)
    for p in ps:
        p.join()
