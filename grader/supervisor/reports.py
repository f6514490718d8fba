"""What the probe inside the submission says, and how it is told apart from other writes.

A report is a write to a descriptor that is never open: the filter traps it, the supervisor reads
the buffer, and the call fails harmlessly with EBADF. Reports are hints for feedback (names, lines
of the student's file, intent); whatever the kernel can say, the kernel is believed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from grader.trace import Location, PlaceKind

DESCRIPTOR = 0x7FFFFFFF
"""No RLIMIT_NOFILE reaches it, and closing ranges of descriptors does not touch it."""

MAGIC = "grader-probe"
_SEPARATOR = "\x1f"
_KINDS: dict[int, PlaceKind] = {
    ord("c"): "call",
    ord("e"): "end",
    ord("s"): "store",
    ord("w"): "with",
}
_ROW = struct.Struct("=IIII")
TABLE = 64 * _ROW.size
"""Bytes of the table of places that lies behind a report of it."""
MAXIMUM = 4096
"""Bytes of a report; what is longer is not one."""


@dataclass(frozen=True)
class PreemptionPointReport:
    """A `grader.trace.PreemptionPoint` of the reporting process."""

    kind: PlaceKind
    line: int
    first: int
    last: int


@dataclass(frozen=True)
class ProbeReport:
    """One report. ``function`` is what the student's code asked a Process object for, or
    ``ready`` (the interpreter is set up), ``code-ended``, ``finalizing`` (no Python code comes
    after it), ``change-point`` or ``lock`` (one was made, and lies at ``address`` in the memory of
    the process).

    ``own_methods`` are those that its class does not have from multiprocessing. ``is_helper``: it
    is multiprocessing's own, as that of a manager.

    ``pid`` is that of the process which the object stands for, once started; ``sentinel`` its
    descriptor in the reporting process; ``maker`` the pid of the process that made the object.
    """

    function: str
    pid: int | None = None
    sentinel: int | None = None
    maker: int | None = None
    name: str | None = None
    variable: str | None = None
    class_name: str | None = None
    daemon: bool | None = None
    line: Location | None = None
    python: str | None = None
    opcodes: int = 0
    own_methods: tuple[str, ...] | None = None
    is_helper: bool = False
    count: int = 0
    address: int = 0


def parse_report(data: bytes, folder: str) -> ProbeReport | None:
    """The report in a buffer that was written to `DESCRIPTOR`; None if it is none.

    ``folder`` is where the submission runs. Lines of other files are dropped.
    """
    if len(data) > MAXIMUM:
        return None
    magic, _, rest = data.decode("utf-8", "replace").partition(_SEPARATOR)
    if magic != MAGIC:
        return None
    fields = dict(part.split("=", 1) for part in rest.split(_SEPARATOR) if "=" in part)
    function = fields.get("function")
    if not function:
        return None
    own = fields.get("own")
    return ProbeReport(
        function=function[:64],
        pid=_number(fields.get("pid")),
        sentinel=_number(fields.get("sentinel")),
        maker=_number(fields.get("maker")),
        name=fields.get("name"),
        variable=fields.get("variable"),
        class_name=fields.get("class"),
        daemon={"1": True, "0": False}.get(fields.get("daemon", "")),
        line=_location(fields.get("file"), fields.get("line"), folder),
        python=fields.get("python"),
        opcodes=_number(fields.get("opcodes")) or 0,
        own_methods=tuple(filter(None, own.split(","))) if own is not None else None,
        is_helper=fields.get("helper") == "1",
        count=_number(fields.get("count")) or 0,
        address=_number(fields.get("address")) or 0,
    )


def parse_places(table: bytes) -> tuple[PreemptionPointReport, ...]:
    """From the table in the memory of a process: kind and line, first and last count of each."""
    rows = _ROW.iter_unpack(table[: len(table) // _ROW.size * _ROW.size])
    return tuple(
        PreemptionPointReport(_KINDS[kind], line, first, last)
        for kind, line, first, last in rows
        if kind in _KINDS
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


@lru_cache(maxsize=256)
def _location(file: str | None, line: str | None, folder: str) -> Location | None:
    number = _number(line)
    if file is None or number is None:
        return None
    path = PurePosixPath(folder) / file
    if not path.is_relative_to(folder):
        return None
    return Location(str(path.relative_to(folder)), number)
