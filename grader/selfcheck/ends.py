"""How processes ended, and whom they were connected to, put together from what was reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from grader.selfcheck.births import Life
from grader.selfcheck.reports import Report
from grader.trace import (
    Connected,
    Connection,
    Ended,
    Event,
    Listened,
    Role,
    Signalled,
)
from grader.trace.events import ProcessNumber

_SIGINT, _SIGKILL, _SIGTERM = 2, 9, 15
_FATAL = frozenset({_SIGINT, _SIGKILL, _SIGTERM})


def end_of(life: Life, sent: Sequence[Signalled]) -> Ended | None:
    """When a process ended and with which exit status or signal, as far as anything says so; None
    for one of whose end nothing is known. ``sent``: the signals that it was sent, in their order.

    The end came after the process's last report, and after it was last found alive, and before its
    parent knew. A process that reports its own end ends then, and one that a signal ends does
    nothing after the signal was sent. Where nothing says how
    it ended, a signal did that was to end it; else neither status nor signal is given, and nothing
    is held against it.
    """
    if life.killed is not None:
        return Ended(life.killed, life.number, None, _SIGKILL)
    known = None if life.collected is None else life.collected - 1
    seen = [at for at in (life.gone, known) if at is not None]
    if not seen and life.exited is None:
        return None
    code = life.code if life.code is not None else life.exit_status
    if code is None and life.role is not Role.PEER:
        fatal = [each.signal for each in sent if each.signal in _FATAL]
        code = -fatal[-1] if fatal else None
    by_signal = code is not None and code < 0
    at = min(seen) if life.exited is None or (seen and by_signal) else life.exited
    at = max(at, life.last, life.alive + 1)  # its connection closes somewhat before it is gone
    if known is not None:
        at = min(at, known)
    signal = -code if code is not None and code < 0 else None
    status = code & 0xFF if code is not None and code >= 0 else None
    fatal_one = next((each for each in sent if each.signal == signal), None)
    if fatal_one is None:
        return Ended(at, life.number, status, signal)
    at = min(at, max(fatal_one.at, life.last, life.alive) + 1)
    return Ended(at, life.number, status, signal, fatal_one.by)


class Network:
    """Which processes listen and connect, and which of them answer which connections of peers."""

    def __init__(self) -> None:
        self._clients: dict[int, Connection] = {}
        """Port at which a peer calls from -> its connection."""
        self._answered: dict[ProcessNumber, list[Connection | int]] = defaultdict(list)
        """What was sent to, in that order: a port, if its peer has not reported it yet."""
        self._count: dict[ProcessNumber, int] = defaultdict(int)

    def take(self, report: Report, life: Life) -> Iterator[Event]:
        """The event that a report is about, if it is one of the network."""
        if report.what == "listen":
            address, port = report.text("address") or "", report.number("port")
            yield Listened(report.at, life.number, address, port)
        elif report.what == "connect":
            address, port = report.text("address") or "", report.number("port")
            error, own = report.text("error"), report.number("own")
            yield Connected(report.at, life.number, address, port, error)
            if error is None and own is not None and life.role is Role.PEER:
                self._count[life.number] += 1
                self._clients[own] = Connection(life.number, self._count[life.number])
        elif report.what == "sent" and life.role is not Role.PEER:
            to = report.number("to")
            if to is not None:
                self._answered[life.number].append(self._clients.get(to, to))

    def answered_by(self, life: Life) -> tuple[Connection, ...]:
        """The connections at which it sent something, in the order in which it first did."""
        known = (
            self._clients.get(each) if isinstance(each, int) else each
            for each in self._answered.get(life.number, ())
        )
        return tuple(dict.fromkeys(each for each in known if each is not None))
