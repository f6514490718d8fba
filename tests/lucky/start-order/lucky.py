from multiprocessing import Process


def say(text):
    print(text)


if __name__ == '__main__':
    ps = [Process(target=say, args=(text,)) for text in ('first', 'second', 'third')]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
