"""What /proc says of threads that are not stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from grader.supervisor.procfs import ThreadFiles


@contextmanager
def running(code: str) -> Iterator[tuple[int, ThreadFiles]]:
    """A Python that runs ``code`` and has printed its first line."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        files = ThreadFiles(program.pid)
        try:
            yield program.pid, files
        finally:
            files.close()
            program.kill()


def test_who_computes_is_on_its_way() -> None:
    """Whether it has a processor at this moment or waits for one."""
    with running("print(flush=True)\nwhile True: pass") as (_, files):
        assert all(files.is_on_its_way() for _ in range(100))


def test_who_sleeps_is_not_on_its_way_until_it_is_woken() -> None:
    """Only the one byte that it waits for makes it go on."""
    with running("print(flush=True)\ninput()\nwhile True: pass") as (pid, files):
        while files.is_on_its_way():
            os.sched_yield()
        assert files.state() == "S"
        with open(f"/proc/{pid}/fd/0", "w") as stdin:
            stdin.write("\n")
        while not files.is_on_its_way():
            os.sched_yield()


def test_who_is_stopped_or_gone_is_not_on_its_way() -> None:
    """A stopped one goes on only when somebody lets it; a dead one never."""
    with running("print(flush=True)\nwhile True: pass") as (pid, files):
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED)
        assert (files.state(), files.is_on_its_way()) == ("T", False)
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert (files.state(), files.is_on_its_way()) == ("Z", False)
