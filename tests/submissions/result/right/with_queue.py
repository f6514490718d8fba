from multiprocessing import Process, Queue


def work(queue):
    queue.put(6 * 7)


if __name__ == "__main__":
    queue = Queue()
    p = Process(target=work, args=(queue,))
    p.start()
    print(queue.get())
    p.join()
