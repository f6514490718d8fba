from multiprocessing import Process
import os

def f(n):
    print("子进程id:%d 父进程id:%d" % (os.getpid(), os.getppid()))

if __name__ == "__main__":
    p1 = Process(target=f, args=(1,))
    p2 = Process(target=f, args=(2,))
    p3 = Process(target=f, args=(3,))
    p4 = Process(target=f, args=(4,))
    p5 = Process(target=f, args=(5,))
    p1.start(); p2.start(); p3.start(); p4.start(); p5.start()
    print("主进程id:", os.getpid())
    p1.join(); p2.join(); p3.join(); p4.join(); p5.join()
