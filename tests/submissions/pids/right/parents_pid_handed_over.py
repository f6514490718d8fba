import multiprocessing as mp
import os


def report(parent):
    print("子进程id： {} 父进程id： {}".format(os.getpid(), parent), flush=True)


if __name__ == "__main__":
    for _ in range(5):
        mp.Process(target=report, args=(os.getpid(),)).start()
    print("主进程id:  " + str(mp.current_process().pid))
