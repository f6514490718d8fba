from multiprocessing import Lock, Process


def move(first, second):
    with first:
        with second:
            print('moved')


if __name__ == '__main__':
    a, b = Lock(), Lock()
    p = Process(target=move, args=(a, b))
    q = Process(target=move, args=(a, b))
    p.start()
    q.start()
    p.join()
    q.join()
    print('over')
