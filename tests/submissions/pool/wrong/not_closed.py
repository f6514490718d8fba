import time
from multiprocessing import Pool


def square(number):
    print(f"task {number}")
    time.sleep(0.1)
    return number * number


if __name__ == "__main__":
    with Pool(4) as pool:
        results = pool.map(square, range(1, 21), chunksize=1)
    print(results)
    print("done")
