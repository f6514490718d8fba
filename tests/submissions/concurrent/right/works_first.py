import multiprocessing as mp
import time


def work(*names):
    time.sleep(1)
    print('hello', *names)


if __name__ == '__main__':
    workers = [mp.Process(target=work, args=(f'no. {n}',), daemon=True) for n in range(5)]
    for w in workers:
        w.start()
    print('all five are started')
    while mp.active_children():
        time.sleep(0.02)
