import time
from multiprocessing import Pipe, Process


def work(pipe):
    time.sleep(0.5)
    pipe.send(42)


if __name__ == '__main__':
    ours, theirs = Pipe()
    p = Process(target=work, args=(theirs,))
    p.start()
    while not ours.poll(1):
        pass
    print('got', ours.recv())
    p.join()
