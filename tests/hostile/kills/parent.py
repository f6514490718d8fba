# Kills its parent, which is the supervisor; where that is nobody (0), the first process that it sees.
import os
import signal

for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
    try:
        os.kill(os.getppid() or 1, number)
    except OSError as error:
        print(error.strerror)
