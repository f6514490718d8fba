import time
from multiprocessing import Pipe, Process


def work(pipe):
    time.sleep(0.5)
    pipe.send(42)


if __name__ == '__main__':
    ours, theirs = Pipe()
    p = Process(target=work, args=(theirs,))
    p.start()
    if ours.poll(1):
        print('got', ours.recv())
    else:
        print('got nothing')
    p.join()
