from multiprocessing import JoinableQueue, Process, Value


def add(queue, total):
    while True:
        item = queue.get()
        total.value += item
        queue.task_done()


if __name__ == '__main__':
    queue = JoinableQueue()
    total = Value('i', 0)
    p = Process(target=add, args=(queue, total), daemon=True)
    p.start()
    for item in (1, 2, 3):
        queue.put(item)
    queue.join()
    print(total.value)
