"""The corpus: each hostile script, what is expected of it, and what is wrong with what came of it.

``table.yaml`` says what its keys mean.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from grader.exit_status import ExitStatus
from grader.sandbox import IsolationName, has_private_networks

from .examining import HERE, Examined, examine

ISOLATIONS: tuple[IsolationName, ...] = ("bwrap", "basic")
_PORTS = range(40000, 40010)
_ACTING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]")


@dataclass(frozen=True)
class Expected:
    """What a script comes to in one isolation. ``outcomes``, ``scores``: any of these."""

    outcomes: tuple[str, ...]
    scores: tuple[int, ...]
    says: str
    prints: tuple[str, ...]
    """Lines of its own; none where they are not promised."""


@dataclass(frozen=True)
class Row:
    """One script of the corpus. ``beside`` are the modules handed in with it, by name."""

    family: str
    name: str
    beside: Mapping[str, str]
    listens: bool
    is_lucky: bool
    """Whether only another order than the natural one shows what it does."""
    expected: Mapping[IsolationName, Expected]

    @property
    def id(self) -> str:
        return f"{self.family}/{self.name}"


def read_table() -> list[Row]:
    """Every row, in the order of the table.

    Raises:
        ValueError: a row has a key that means nothing, or a need without a reason.
    """
    table = yaml.safe_load((HERE / "table.yaml").read_text(encoding="utf-8"))
    return [
        _row(family, name, fields)
        for family, scripts in table.items()
        for name, fields in scripts.items()
    ]


def _row(family: str, name: str, fields: dict[str, Any]) -> Row:
    known = {"outcome", "score", "says", "prints", "beside", "listens", "lucky"}
    known |= {"needs", "because"}
    if unknown := set(fields) - known:
        raise ValueError(f"{family}/{name}: {', '.join(sorted(unknown))}?")
    if ("needs" in fields) != ("because" in fields):
        raise ValueError(f"{family}/{name}: a need has a reason, and a reason a need")
    return Row(
        family,
        name,
        fields.get("beside", {}),
        fields.get("listens", False),
        fields.get("lucky", False),
        {isolation: _expected(fields, isolation) for isolation in ISOLATIONS},
    )


def _expected(fields: dict[str, Any], isolation: IsolationName) -> Expected:
    def value(key: str, otherwise: Any = None) -> Any:
        given = fields.get(key, otherwise)
        return given[isolation] if isinstance(given, dict) else given

    is_promised = fields.get("needs", isolation) == isolation
    return Expected(
        tuple(value("outcome").split(" or ")),
        tuple(map(int, str(value("score")).split(" or "))),
        value("says"),
        tuple(value("prints", ())) if is_promised else (),
    )


def examine_row(
    row: Row, folder: Path, isolation: IsolationName, *options: str, goes_on: bool = True
) -> Examined:
    """Hand the script in and have it graded, in an empty folder, with these options besides.

    ``goes_on``: a right answer is graded by the same process afterwards.
    """
    script = folder / "handed-in" / row.name
    script.parent.mkdir()
    shutil.copyfile(HERE / row.family / row.name, script)
    for module, source in row.beside.items():
        (script.parent / module).write_text(source, encoding="utf-8")
    with _listening(row.listens):
        return examine(script, folder, "--isolation", isolation, *options, goes_on=goes_on)


def faults(row: Row, isolation: IsolationName, examined: Examined) -> list[str]:
    """All that is not as the row says, or as it is to be with every script."""
    expected = row.expected[isolation]
    result = examined.result
    said = " ".join(examined.said.split())
    outcome, score = result.get("outcome"), result.get("score")
    return [
        *(f"process left: {each}" for each in examined.survivors),
        *(f"file left: {each}" for each in examined.files),
        *_unlike("exit status", examined.status, ExitStatus.NOT_PASSED, f" ({said[:300]})"),
        *_next_was_otherwise(examined.status_of_next),
        *_unlike("descriptors kept open", examined.descriptors_kept, 0),
        *_isolated_otherwise(isolation, result),
        *([] if outcome in expected.outcomes else _unlike("outcome", outcome, expected.outcomes)),
        *([] if score in expected.scores else _unlike("score", score, expected.scores)),
        *([] if _one_line(expected.says) in said else [f"said: {said[-600:]}"]),
        *_printed_otherwise(row, expected, result),
        *(f"acts: {each!r}" for each in _ACTING.findall(examined.said + examined.page)),
        *_unlike("scripts in the page", examined.page.count("<script"), 1),
        *_unlike("images in the page", examined.page.count("<img"), 0),
    ]


def _next_was_otherwise(status: int | None) -> list[str]:
    what = "exit status of the next grading"
    return [] if status is None else _unlike(what, status, ExitStatus.PASSED)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _unlike(what: str, is_: object, should: object, more: str = "") -> list[str]:
    return [] if is_ == should else [f"{what}: {is_}, not {should}{more}"]


def _isolated_otherwise(isolation: IsolationName, result: dict[str, Any]) -> list[str]:
    """A script that no interpreter takes is never run, and so in no isolation."""
    was_run = bool(result.get("processes"))
    return _unlike("isolation", result.get("isolation"), isolation if was_run else None)


def _printed_otherwise(row: Row, expected: Expected, result: dict[str, Any]) -> list[str]:
    """The script's own account of what it has reached is true: the kernel saw it print that."""
    if row.family == "network" and not has_private_networks():
        return []
    events = result.get("events", [])
    lines = [event["text"] for event in events if event["kind"] == "printed"]
    return [f"printed {lines}, not {line!r}" for line in expected.prints if line not in lines]


@contextmanager
def _listening(wanted: bool) -> Iterator[None]:
    """A service of the machine, at one of the ports that a script tries."""
    with ExitStack() as held:
        if wanted:
            listener = held.enter_context(socket.socket())
            _bind_to_a_free_port(listener)
            listener.listen()
        yield


def _bind_to_a_free_port(listener: socket.socket) -> None:
    for port in _PORTS:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        return
    raise AssertionError("all ports are taken")
