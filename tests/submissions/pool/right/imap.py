import multiprocessing as mp
from time import sleep


def work(n):
    print("task", n, flush=True)
    sleep(0.1)
    return n**2


def main():
    with mp.Pool(processes=4) as pool:
        results = list(pool.imap(work, range(1, 21)))
        print(results)
        pool.close()
        pool.join()
    print("done")


if __name__ == "__main__":
    main()
