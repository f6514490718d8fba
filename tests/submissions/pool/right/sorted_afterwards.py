import time
from multiprocessing import get_context


def task(number):
    print(f"task {number}")
    time.sleep(0.1)
    return number, number * number


if __name__ == "__main__":
    pool = get_context("fork").Pool(4)
    found = dict(pool.imap_unordered(task, range(1, 21)))
    print([found[number] for number in sorted(found)])
    pool.close()
    pool.join()
    print("done")
