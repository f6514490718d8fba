from multiprocessing import Process, Queue


def work(queue):
    queue.put("x" * 1_000_000)
    queue.put(6 * 7)


if __name__ == "__main__":
    queue = Queue()
    p = Process(target=work, args=(queue,))
    p.start()
    p.join()
    queue.get()
    print(queue.get())
