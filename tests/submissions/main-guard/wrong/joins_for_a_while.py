from multiprocessing import Process


def work():
    print('hello')


if __name__ == '__main__':
    p = Process(target=work)
    p.start()
    p.join(0.3)
