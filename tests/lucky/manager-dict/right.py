from multiprocessing import Manager, Process


def vote(votes, lock):
    with lock:
        votes['yes'] += 1


if __name__ == '__main__':
    with Manager() as manager:
        votes, lock = manager.dict(yes=0), manager.Lock()
        ps = [Process(target=vote, args=(votes, lock)) for _ in range(2)]
        for p in ps:
            p.start()
        for p in ps:
            p.join()
        print('yes', votes['yes'])
