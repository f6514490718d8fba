# Does the child's work in a process that looks like multiprocessing's own.
import os
import subprocess
import sys

WORK = "import os, time; print('answer', os.getpid(), flush=True); time.sleep(1); print('worked')"
subprocess.run([sys.executable, "-c", WORK, "from multiprocessing.resource_tracker import main"])
print("done")
