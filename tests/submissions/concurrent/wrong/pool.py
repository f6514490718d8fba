import time
from multiprocessing import Pool


def greet(name):
    print("hello", name)
    time.sleep(1)


if __name__ == "__main__":
    pool = Pool(5)
    pool.map(greet, range(5), chunksize=1)
    pool.close()
    pool.join()
