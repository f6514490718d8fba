# Waits for a child that waits for somebody who opens the other end of a FIFO.
import multiprocessing
import os


def open_fifo():
    open("fifo", "wb")


os.mkfifo("fifo")
child = multiprocessing.Process(target=open_fifo)
child.start()
child.join()
