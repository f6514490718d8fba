# Waits for a lock on a part of a file that a stopped child holds.
import fcntl
import os
import signal

read_end, write_end = os.pipe()
child = os.fork()
with open("file", "wb") as file:
    if child == 0:
        fcntl.lockf(file, fcntl.LOCK_EX)
        os.write(write_end, b".")
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.read(read_end, 1)
    fcntl.lockf(file, fcntl.LOCK_EX)
