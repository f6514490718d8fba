import multiprocessing


class Worker(multiprocessing.Process):
    def run(self):
        print("child", self.name)


if "__main__" == __name__:
    worker = Worker()
    worker.start()
    worker.join()
    print("main")
