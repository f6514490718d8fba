"""From the clock's time to the submission's own, which begins with its first instruction.

Where the submission ran is nobody's business: its folder is taken out of texts, too.
"""

from __future__ import annotations

from grader.supervisor.journal import altered
from grader.trace import (
    BlockedInterval,
    Connected,
    Event,
    Exchange,
    Listened,
    Nanoseconds,
    Printed,
    Process,
    Slept,
    WaitedFor,
)


def _since(at: Nanoseconds | None, epoch: Nanoseconds) -> Nanoseconds | None:
    return None if at is None else max(0, at - epoch)


def _without_folder(text: str, folder: str) -> str:
    folder = folder.rstrip("/")
    return text.replace(folder + "/", "").replace(folder, ".")


def shifted(event: Event, epoch: Nanoseconds, folder: str) -> Event:
    """The event in time since the ``epoch``, and without the ``folder`` in its texts."""
    changes: dict[str, object] = {"at": max(0, event.at - epoch)}
    if isinstance(event, (Slept, BlockedInterval)):
        changes["until"] = max(0, event.until - epoch)
    elif isinstance(event, WaitedFor):
        changes["began"] = _since(event.began, epoch)
    elif isinstance(event, Printed):
        changes["text"] = event.text.replace(folder.rstrip("/") + "/", "")
    elif isinstance(event, (Listened, Connected)):
        changes["address"] = _without_folder(event.address, folder)
    return altered(event, **changes)


def shifted_exchange(exchange: Exchange, epoch: Nanoseconds, folder: str) -> Exchange:
    """The exchange in time since the ``epoch``, and without the ``folder`` in its texts."""
    path, after = folder.rstrip("/") + "/", exchange.after
    return altered(
        exchange,
        at=max(0, exchange.at - epoch),
        before=exchange.before.replace(path, ""),
        after=None if after is None else after.replace(path, ""),
    )


def shifted_process(process: Process, epoch: Nanoseconds, folder: str) -> Process:
    """The process in time since the ``epoch``, and without the ``folder`` in its command."""
    return altered(
        process,
        started=max(0, process.started - epoch),
        began=_since(process.began, epoch),
        ended=_since(process.ended, epoch),
        collected=_since(process.collected, epoch),
        command=tuple(_without_folder(part, folder) for part in process.command),
    )
