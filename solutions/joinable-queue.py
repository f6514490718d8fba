import time
from multiprocessing import JoinableQueue, Process


def work(jobs):
    while True:
        job = jobs.get()
        time.sleep(0.1)
        print(f"did {job}")
        jobs.task_done()


if __name__ == "__main__":
    jobs = JoinableQueue()
    workers = [Process(target=work, args=(jobs,), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    for job in range(1, 11):
        jobs.put(job)
    jobs.join()
    print("done")
