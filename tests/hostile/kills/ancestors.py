# Tries those that it descends from, by each call that there is.
import ctypes
import os
import signal

libc = ctypes.CDLL(None)
pids = [os.getppid()]
for line in open(f"/proc/{os.getppid() or 1}/status"):
    if line.startswith("PPid:"):
        pids.append(int(line.split()[1]))
reached = 0
for pid in pids:
    if pid <= 1:
        continue
    for deed in (
        lambda: os.kill(pid, signal.SIGKILL),
        lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL),
    ):
        try:
            deed()
            reached += 1
        except OSError:
            pass
    for call in ((200, pid, 9), (234, pid, pid, 9), (129, pid, 9, b"\0" * 128)):
        reached += libc.syscall(*call) == 0
print("reached", reached)
