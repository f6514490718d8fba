import multiprocessing as mp
import time


def work(number, lock):
    name = f"worker {number}"
    lock.acquire()
    try:
        print(name, "begin", flush=True)
        time.sleep(0.5)
        print(name, "end", flush=True)
    finally:
        lock.release()


def main():
    lock = mp.RLock()
    processes = []
    for number in range(3):
        p = mp.Process(target=work, args=(number, lock))
        p.start()
        processes.append(p)
    for p in processes:
        p.join()


if __name__ == "__main__":
    main()
