from multiprocessing import Process


def work():
    print('begin')
    sum(number * number for number in range(500_000))
    print('end')


if __name__ == '__main__':
    ps = [Process(target=work) for _ in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
