# Kills all that it may.
import os
import signal

os.kill(-1, signal.SIGKILL)
print("alone")
