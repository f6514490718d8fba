"""What a user has only so much of, no submission takes from another one."""

from __future__ import annotations

import pytest

from grader.limits import Limits
from grader.sandbox import IsolationName
from grader.supervisor.shares import MOST_FIFOS, most_pipes
from grader.trace import Outcome

from .conftest import Supervise
from .reading import output

USUAL_SOFT_LIMIT_PAGES = 16384
"""/proc/sys/fs/pipe-user-pages-soft: beyond it the user's new pipes hold two pages, not sixteen."""


def test_pipes_are_few(supervise: Supervise):
    """All processes of a run have so many together; then they must close some."""
    trace = supervise(
        """
        import os
        def fill():
            made = []
            try:
                while True: made.append(os.pipe())
            except OSError as error:
                print(error.strerror)
            return made
        if os.fork() == 0:
            kept = fill()
            print(len(kept))
            if os.fork() == 0:
                print(len(fill()))
                os._exit(0)
            os.wait()
            for end in kept.pop(): os.close(end)
            print(len(fill()))
            os._exit(0)
        os.wait()
        """,
        limits={"processes": 4},
    )
    full = "Too many open files in system"
    assert output(trace) == [full, str(most_pipes(Limits(processes=4))), full, "0", full, "1"]
    assert trace.outcome is Outcome.FINISHED


def test_three_runs_leave_others_large_pipes():
    """With as many processes as a run may have by default."""
    assert 3 * 16 * (most_pipes(Limits()) + MOST_FIFOS) < USUAL_SOFT_LIMIT_PAGES


def test_no_pipe_grows(supervise: Supervise):
    """One of a megabyte would be at the cost of others."""
    trace = supervise(
        """
        import fcntl, os
        reading, writing = os.pipe()
        try: fcntl.fcntl(writing, 1031, 1 << 20)  # F_SETPIPE_SZ
        except OSError as error: print(error.strerror)
        """
    )
    assert output(trace) == ["Operation not permitted"]


def test_named_pipes_are_few(supervise: Supervise):
    """Nobody sees who opens them."""
    trace = supervise(
        f"""
        import os
        for n in range({MOST_FIFOS}): os.mkfifo(f"pipe{{n}}")
        os.remove("pipe0")
        try: os.mkfifo("pipe0")
        except OSError as error: print(error.strerror)
        open("file", "w").close()
        """
    )
    assert output(trace) == ["Disk quota exceeded"]
    assert trace.outcome is Outcome.FINISHED


def test_watches_are_few(supervise: Supervise):
    """An epoll remembers what it watches as long as the file is open anywhere, and a user has only
    so many watches.
    """
    trace = supervise(
        """
        import os, select
        reading, _ = os.pipe()
        total = 0
        try:
            for _ in range(20):
                poller = select.epoll()
                for descriptor in range(100, 1000):
                    os.dup2(reading, descriptor)
                    poller.register(descriptor)
                    os.close(descriptor)
                    total += 1
                kept = poller if total == 900 else (kept, poller)
        except OSError as error:
            print(error.strerror, total)
        """
    )
    assert output(trace) == ["No space left on device 8192"]


def test_what_is_watched_no_more_makes_room(supervise: Supervise):
    """A server may see as many clients as it likes, one after another."""
    trace = supervise(
        """
        import os, select
        reading, _ = os.pipe()
        poller = select.epoll()
        for _ in range(9000):
            poller.register(reading)
            poller.unregister(reading)
        print("watched")
        """
    )
    assert output(trace) == ["watched"]


def test_there_are_no_terminals_to_be_had(supervise: Supervise, any_isolation: IsolationName):
    """A machine has only so many, and each grading needs one."""
    trace = supervise(
        """
        import os
        try: os.openpty()
        except OSError as error: print("none")
        """,
        isolation=any_isolation,
    )
    if "services" not in trace.isolated:
        pytest.skip("no file system of its own here")
    assert output(trace) == ["none"]
