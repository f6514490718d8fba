# A child's child that is to count as main's, by playing a fork server.
import os
import socket
import subprocess
import sys
import time

if len(sys.argv) > 1:
    time.sleep(1)
    print("answer", os.getpid())
else:
    server = socket.socket(socket.AF_UNIX)
    server.bind("socket")
    server.listen()
    look = "from multiprocessing.forkserver import main"
    subprocess.run(
        [sys.executable, "-c", "import os; os.fork() or print('answer', os.getpid())", look]
    )
    print("done")
