# Stops its whole group again and again.
import os
import signal

if os.fork() == 0:
    while True:
        os.kill(os.getppid(), signal.SIGSTOP)
        os.kill(os.getppid(), signal.SIGCONT)
while True:
    os.kill(0, signal.SIGTSTP)
