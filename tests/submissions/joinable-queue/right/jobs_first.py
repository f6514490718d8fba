import multiprocessing as mp
from time import sleep


def worker(queue):
    for job in iter(queue.get, None):
        try:
            sleep(0.1)
            print("did", job, flush=True)
        finally:
            queue.task_done()


def main():
    queue = mp.JoinableQueue()
    for job in range(1, 11):
        queue.put(job)
    for _ in range(2):
        p = mp.Process(target=worker, args=(queue,))
        p.daemon = True
        p.start()
    queue.join()
    print("done")


if __name__ == "__main__":
    main()
