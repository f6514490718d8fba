import os
from threading import Thread, current_thread
from time import sleep


def main():
    def side():
        who = current_thread().name
        print("%s: pid %d" % (who, os.getpid()))
        sleep(1)
        print("%s: done" % who)

    first, second = Thread(target=side), Thread(target=side)
    first.name, second.name = "left", "right"
    first.start(), second.start()
    for thread in (second, first):
        thread.join()
    print("main: pid %d" % os.getpid())


main()
