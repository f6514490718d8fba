from multiprocessing import Event, Process


def say(text, mine, following):
    mine.wait()
    print(text)
    following.set()


if __name__ == '__main__':
    turns = [Event() for _ in range(4)]
    ps = [
        Process(target=say, args=(text, turns[n], turns[n + 1]))
        for n, text in enumerate(('first', 'second', 'third'))
    ]
    for p in ps:
        p.start()
    turns[0].set()
    for p in ps:
        p.join()
