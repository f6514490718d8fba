from multiprocessing import Process, Queue


def put(queue, name):
    for number in range(3):
        queue.put((name, number))


if __name__ == "__main__":
    queue = Queue()
    ps = [Process(target=put, args=(queue, name)) for name in "ab"]
    for p in ps:
        p.start()
    for _ in range(6):
        print(*queue.get())
    for p in ps:
        p.join()
