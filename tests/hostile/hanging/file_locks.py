# Parent and child each hold a lock on a file and ask for the other's.
import fcntl
import os

a, b = open("a", "wb"), open("b", "wb")
ready_read, ready_write = os.pipe()
go_read, go_write = os.pipe()
if os.fork() == 0:
    with open("b", "wb") as mine, open("a", "wb") as theirs:
        fcntl.flock(mine, fcntl.LOCK_EX)
        os.write(ready_write, b".")
        os.read(go_read, 1)
        fcntl.flock(theirs, fcntl.LOCK_EX)
        os._exit(0)
fcntl.flock(a, fcntl.LOCK_EX)
os.write(go_write, b".")
os.read(ready_read, 1)
fcntl.flock(b, fcntl.LOCK_EX)
