# Starts a program whose input is a FIFO that nobody writes to: the parent waits in the kernel for
# the child's execve, and the child for a writer.
import os

os.mkfifo("fifo")
opening = (os.POSIX_SPAWN_OPEN, 0, "fifo", os.O_RDONLY, 0)
os.posix_spawn("/bin/true", ["true"], os.environ, file_actions=[opening])
