# Becomes another program, without environment.
import os

if os.fork() == 0:
    os.setsid()
    os.execve("/bin/sleep", ["grader-hostile", "99999"], {})
os._exit(0)
