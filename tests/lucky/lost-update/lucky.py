from multiprocessing import Process, Value


def add(total):
    for _ in range(10):
        total.value += 1


if __name__ == '__main__':
    total = Value('i', 0)
    ps = [Process(target=add, args=(total,)) for _ in range(2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(total.value)
