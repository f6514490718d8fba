"""Control-C, SIGTERM and the end of the terminal: when they may come, and what they lead to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = tuple(
    signal.Signals[name] for name in ("SIGHUP", "SIGTERM") if name in signal.Signals.__members__
)
"""End the grader, besides Control-C."""
ALL_ENDING: Collection[int] = (signal.SIGINT, *_ENDING)


@contextmanager
def interrupts_held(numbers: Collection[int] = (signal.SIGINT,)) -> Iterator[None]:
    """Control-C comes at the end of this, not in it, also in processes that are started meanwhile.

    So one that ignores it from here on never takes itself for the grader that was stopped.

    Args:
        numbers: of the signals that are held. What starts processes holds no others: they would
            begin with them blocked.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_tidily() -> Callable[[], int | None]:
    """When the terminal is closed, or at SIGTERM, this process ends as at Control-C: what it has
    started and made is removed. With nohup(1) the end of the terminal does not concern it.

    Returns:
        What says with which status it has been asked to end, if it has: Python swallows an
        exception that comes while an object is finalized.
    """
    own_pid = os.getpid()
    asked: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        """The handler of a signal that asks this process to end."""
        if os.getpid() != own_pid:  # a copy that was just forked: nothing is its own to remove
            os._exit(128 + number)
        asked.append(128 + number)
        for each in _ENDING:
            signal.signal(each, signal.SIG_IGN)
        if number != signal.SIGTERM:  # there is no terminal any more: writing to it would fail
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for descriptor in (1, 2):
                os.dup2(nowhere, descriptor)
        raise SystemExit(128 + number)

    for each in _ENDING:
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, end)
    return lambda: asked[0] if asked else None
