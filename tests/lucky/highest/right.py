from multiprocessing import Process, Value


def offer(highest, number):
    with highest.get_lock():
        if number > highest.value:
            highest.value = number


if __name__ == '__main__':
    highest = Value('i', 0)
    ps = [Process(target=offer, args=(highest, number)) for number in (3, 1, 2)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(highest.value)
