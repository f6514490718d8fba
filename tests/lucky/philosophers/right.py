from multiprocessing import Lock, Process


def dine(lower, higher):
    lower.acquire()
    higher.acquire()
    print('eats')
    higher.release()
    lower.release()


if __name__ == '__main__':
    forks = [Lock() for _ in range(3)]
    seats = [(0, 1), (1, 2), (0, 2)]
    ps = [Process(target=dine, args=(forks[a], forks[b])) for a, b in seats]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print('over')
