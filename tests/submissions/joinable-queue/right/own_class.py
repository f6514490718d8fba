import time
from multiprocessing import JoinableQueue, Process


class Worker(Process):
    def __init__(self, jobs):
        super().__init__(daemon=True)
        self.jobs = jobs

    def run(self):
        while True:
            job = self.jobs.get()
            time.sleep(0.1)
            print(f"did {job}")
            self.jobs.task_done()


if __name__ == "__main__":
    jobs = JoinableQueue(3)
    first, second = Worker(jobs), Worker(jobs)
    first.start()
    second.start()
    for number in range(10):
        jobs.put(number + 1)
    jobs.join()
    print("done")
