"""From the machine's time to the submission's own, which begins with its first instruction.

Its folder is taken out of texts, and the probe out of tracebacks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.trace import (
    BlockedInterval,
    Connected,
    Event,
    Listened,
    Nanoseconds,
    Printed,
    ProcessNumber,
    Slept,
    Stream,
    WaitedFor,
)

_FRAME = re.compile(r'  File "(?P<path>.+)", line \d+, in .+')


def shifted(event: Event, epoch: Nanoseconds, folder: str) -> Event:
    """The event in time since the ``epoch``, and without the ``folder`` in its texts."""
    event = replace(event, at=max(0, event.at - epoch))
    if isinstance(event, (Slept, BlockedInterval)):
        return replace(event, until=max(0, event.until - epoch))
    if isinstance(event, WaitedFor) and event.began is not None:
        return replace(event, began=max(0, event.began - epoch))
    if isinstance(event, Printed):
        return replace(event, text=without_folder(event.text, folder))
    if isinstance(event, (Listened, Connected)):
        return replace(event, address=without_folder(event.address, folder))
    return event


def without_folder(text: str, folder: str) -> str:
    """A text with paths from the ``folder`` on."""
    return text.replace(folder + os.sep, "").replace(folder, ".") if folder else text


def without_probe(events: Iterable[Event], probe: str) -> Iterator[Event]:
    """Without the probe's own frames in tracebacks: they are none of the student's.

    A frame is a line with its file, and lines indented further: the code, and marks under it.
    """
    hiding: set[ProcessNumber] = set()
    for event in events:
        if isinstance(event, Printed) and event.stream is Stream.STDERR and probe:
            frame = _FRAME.fullmatch(event.text)
            if frame is not None and frame["path"].startswith(probe):
                hiding.add(event.by)
                continue
            if event.by in hiding and event.text.startswith("    "):
                continue
            hiding.discard(event.by)
        yield event
