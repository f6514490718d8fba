import multiprocessing as mp
from time import sleep


def work(who, number, lock):
    sleep(0.5)
    for _ in range(50):
        lock.acquire()
        try:
            number.value = number.value + 1
        finally:
            lock.release()
    print(who, "is done", flush=True)


def main():
    lock = mp.Lock()
    number = mp.Value("l", 0, lock=False)
    workers = [mp.Process(target=work, args=(f"worker {n}", number, lock)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(f"total {number.value}")


if __name__ == "__main__":
    main()
