from multiprocessing import Lock, Process


def dine(left, right):
    left.acquire()
    right.acquire()
    print('eats')
    right.release()
    left.release()


if __name__ == '__main__':
    forks = [Lock() for _ in range(3)]
    ps = [Process(target=dine, args=(forks[n], forks[(n + 1) % 3])) for n in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('over')
