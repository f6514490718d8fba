import time
from multiprocessing import Pool


def square(number):
    print(f"task {number}")
    time.sleep(0.1)
    return number * number


if __name__ == "__main__":
    pool = Pool(4)
    answers = [pool.apply_async(square, (number,)) for number in range(1, 21)]
    pool.close()
    print([answer.get() for answer in answers])
    pool.join()
    print("done")
