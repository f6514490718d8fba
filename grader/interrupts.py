"""Control-C while processes are made, and the end of the terminal."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Control-C comes at the end of this, not in it, also in processes that are started meanwhile.

    So one that ignores it from here on never takes itself for the grader that was stopped.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_when_hung_up() -> None:
    """When the terminal is closed this process ends as at Control-C: what it has started and made
    is removed. With nohup(1) it goes on.
    """
    if not hasattr(signal, "SIGHUP") or signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL:
        return
    own_pid = os.getpid()

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != own_pid:  # a copy that was just forked: nothing is its own to remove
            os._exit(128 + number)
        signal.signal(number, signal.SIG_IGN)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):  # writing to the terminal would fail now
            os.dup2(nowhere, descriptor)
        raise SystemExit(128 + number)

    signal.signal(signal.SIGHUP, end)
