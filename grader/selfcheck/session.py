"""The leader of the terminal's session, a program of its own (Unix).

Between the terminal and main it stands where a shell would: when main ends, the terminal does not
hang up on children that live on. It says how main ended, and when the grader is gone it ends what
is in main's group. Run as ``session.py ADDRESS FOLDER MOST_FILE_BYTES MOST_CPU_S COMMAND...``.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import time
from typing import NoReturn

_NOT_EXECUTED = 127
_IGNORED = ("SIGHUP", "SIGTTOU", "SIGINT", "SIGQUIT", "SIGTSTP")


def main() -> None:
    """Start the command, and stay until the grader closes the connection."""
    address, folder, file_bytes, cpu_s, *command = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake)
        for name in _IGNORED:
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        refused, refuse = os.pipe()
        pid = os.fork()
        if pid == 0:
            _execute(command, folder, int(file_bytes), int(cpu_s), refuse)
        os.close(refuse)
        _say(connection, "session", pid, {})
        reason = os.read(refused, 1000)
        if reason:
            _say(connection, "unstarted", pid, {"reason": reason.decode("utf-8", "replace")})
        try:
            _watch(connection, pid, woken)
        except OSError:
            _end_group(pid)  # the grader is gone


def _watch(connection: socket.socket, pid: int, woken: int) -> None:
    ended = False
    while True:
        watched: list[socket.socket | int] = [connection, woken]
        ready, _, _ = select.select(watched, [], [])
        if woken in ready:
            os.read(woken, 4096)
        if not ended:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                ended = True
                _say(connection, "ended", pid, {"code": os.waitstatus_to_exitcode(status)})
        if connection in ready and not connection.recv(4096):
            _end_group(pid)
            return


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # none is left in it


def _say(connection: socket.socket, what: str, pid: int, fields: dict[str, object]) -> None:
    connection.sendall(ascii((what, pid, time.perf_counter_ns(), fields)).encode() + b"\n")


def _execute(command: list[str], folder: str, file_bytes: int, cpu_s: int, refuse: int) -> NoReturn:
    """Become main: in the foreground of the terminal, in a group of its own."""
    try:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.set_wakeup_fd(-1)
        for name in (*_IGNORED, "SIGCHLD", "SIGPIPE", "SIGXFSZ"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        os.umask(0o077)
        for what, most in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, file_bytes),
            (resource.RLIMIT_CPU, cpu_s),
        ):
            _, hard = resource.getrlimit(what)
            if hard != resource.RLIM_INFINITY:
                most = min(most, hard)
            resource.setrlimit(what, (most, most))
        os.chdir(folder)
        os.execv(command[0], command)
    except OSError as error:
        os.write(refuse, (error.strerror or str(error)).encode())
    finally:
        os._exit(_NOT_EXECUTED)


if __name__ == "__main__":
    main()
