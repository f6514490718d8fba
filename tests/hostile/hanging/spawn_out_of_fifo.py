# Starts a program whose output is a FIFO that nobody reads.
import os

os.mkfifo("fifo")
opening = (os.POSIX_SPAWN_OPEN, 1, "fifo", os.O_WRONLY, 0)
os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=[opening])
