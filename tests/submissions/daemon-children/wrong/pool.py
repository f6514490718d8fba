from multiprocessing import Pool, Process


def inner():
    print('inner')


def outer():
    try:
        Process(target=inner).start()
    except AssertionError as e:
        print('被拒绝:', e)


if __name__ == '__main__':
    with Pool(1) as pool:
        pool.apply(outer)
        pool.close()
        pool.join()
