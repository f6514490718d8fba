from multiprocessing import Manager, Process


def vote(votes):
    votes['yes'] += 1


if __name__ == '__main__':
    with Manager() as manager:
        votes = manager.dict(yes=0)
        ps = [Process(target=vote, args=(votes,)) for _ in range(2)]
        for p in ps:
            p.start()
        for p in ps:
            p.join()
        print('yes', votes['yes'])
