import multiprocessing
import time


def do(jobs, who):
    while True:
        job = jobs.get()
        time.sleep(0.1)
        print(f"did {job}")
        jobs.task_done()


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    jobs = context.JoinableQueue(maxsize=20)
    workers = {who: context.Process(target=do, args=(jobs, who), daemon=True) for who in ("甲", "乙")}
    for job in "1 2 3 4 5".split():
        jobs.put(job)
    for worker in workers.values():
        worker.start()
    for job in "6 7 8 9 10".split():
        jobs.put(job)
    jobs.join()
    print("done")
