"""A worker: a process of its own, on a processor of its own, that grades one at a time.

It has no thread besides its main one, because the supervisor forks.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import tempfile
from importlib import import_module

_PR_SET_PDEATHSIG = 1


def settle(boss: int, cpu: int | None, scratch: str | None) -> int:
    """Make this process a worker. Its pid.

    Args:
        boss: the process that it works for, and with which it dies.
        cpu: the processor that it keeps to; None: any.
        scratch: the folder for everything temporary; None: the system's.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != boss:
        os._exit(1)  # it died before it could be watched
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Control-C is meant for the boss
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    if scratch is not None:
        tempfile.tempdir = scratch
    _load()
    return os.getpid()


def _load() -> None:
    """Load what every grading needs, and set it apart from what is looked through for garbage: that
    takes time here, and in each supervisor process a copy of every page that is looked at.
    """
    import_module("grader.grading")
    from grader.report import prepare_html

    prepare_html()
    gc.collect()
    gc.freeze()
