# It waits just long enough. Where that was not enough, the kernel is to kill main, so that nobody
# sees what it prints then: by the end of a child, by the time used, by a filter, by a descriptor.
import ctypes
import fcntl
import os
import resource
import signal
import time
from multiprocessing import Process

libc = ctypes.CDLL(None)
CLONE = 56 if os.uname().machine == "x86_64" else 220


def work():
    print(f"answer {os.getpid()}")
    time.sleep(1)
    print("worked")


def vanish():
    if libc.syscall(CLONE, signal.SIGKILL, 0, 0, 0, 0) == 0:
        os._exit(0)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)
    libc.prctl(22, 1, 0, 0, 0)
    libc.syscall(424, os.pidfd_open(os.getpid()), signal.SIGKILL, None, 4)
    for way in (
        lambda: resource.setrlimit(resource.RLIMIT_CPU, (0, 0)),
        lambda: fcntl.fcntl(0, 10, signal.SIGKILL),
        lambda: fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid()),
    ):
        try:
            way()
        except (OSError, ValueError):
            pass


if __name__ == "__main__":
    child = Process(target=work)
    child.start()
    child.join(1.2)
    if child.is_alive():
        vanish()
    print("done")
