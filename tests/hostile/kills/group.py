# Kills its own group, and then itself.
import os
import signal

print("answer", os.getpid(), flush=True)
os.killpg(0, signal.SIGKILL)
