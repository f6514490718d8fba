from multiprocessing import Barrier, Process


def work(barrier):
    print('one')
    barrier.wait()
    print('two')


if __name__ == '__main__':
    barrier = Barrier(3)
    ps = [Process(target=work, args=(barrier,)) for _ in range(3)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
