import multiprocessing as mp
import time


class Worker(mp.Process):
    def __init__(self, word, seconds, **options):
        super().__init__(**options)
        self.word, self.seconds = word, seconds

    def run(self):
        print(self.word)
        time.sleep(self.seconds)
        print('end' + self.word)


if __name__ == '__main__':
    workers = [Worker('456', 3), Worker('123', 1, daemon=True)]
    for worker in workers:
        worker.start()
    time.sleep(.1)
    print('main-------')
