"""What the parts of an exercise file say about each other: names, and who builds on whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from grader.exercise.company import step_ids
from grader.exercise.document import Data, Document, pairs
from grader.exercise.names import MAIN_NAME, Vocabulary
from grader.exercise.problem import Problem
from grader.exercise.scalar import Written


def vocabulary_of(data: Data, folder: Path | None = None) -> Vocabulary:
    """The names that a file in ``folder`` defines, as far as it can be understood.

    A peer's name is that of its one process.
    """
    cast = _under(data, "cast", {})
    run = _under(data, "run")
    peers = [name for name in _named(run, "peers", "name") if name is not None]
    counts = {
        name: 1 if _under(described, "count") == "1" else None
        for name, described in (cast.items() if isinstance(cast, dict) else ())
    }
    checks = frozenset(str(check_id) for check_id, _ in _checks(data))
    return Vocabulary(
        cast={**counts, **dict.fromkeys(peers, 1)} if isinstance(cast, dict) else None,
        checks=checks if isinstance(_under(data, "checks"), list) else None,
        steps=frozenset(step_ids(_named(run, "dialogue", "id"))),
        folder=folder,
        threads=frozenset(
            name
            for name, described in (cast.items() if isinstance(cast, dict) else ())
            if _under(described, "threads-of") is not None
        ),
    )


def _under(data: Data | None, key: str, default: Data | None = None) -> Data | None:
    """What stands under a key, if it is a mapping that has it."""
    return data.get(key, default) if isinstance(data, dict) else None


def _items(data: Data | None, key: str) -> list[Data]:
    """The list under a key; empty if there is none."""
    items = _under(data, key)
    return items if isinstance(items, list) else []


def _named(run: Data | None, key: str, name: str) -> list[Written | None]:
    """What the items of a list below ``run`` are called; None for those that have no name."""
    names = [_under(item, name) for item in _items(run, key)]
    return [given if isinstance(given, Written) else None for given in names]


def wrong_references(document: Document, data: Data) -> Iterator[Problem]:
    """Ids given twice, checks and names that build on themselves, and a task without a point."""
    run = _under(data, "run")
    steps, peers = _named(run, "dialogue", "id"), _named(run, "peers", "name")
    for two_are, named in (
        ("two checks are", [(check_id, check_id) for check_id, _ in _checks(data)]),
        ("two steps are", zip(step_ids(steps), steps, strict=True)),
        ("two peers are", [(name, name) for name in peers if name is not None]),
    ):
        yield from _repeated(document, two_are, named)
    needs = {
        str(check_id): [one for one in _items(check, "needs") if isinstance(one, Written)]
        for check_id, check in _checks(data)
    }
    yield from _circles(document, needs, "needs", "the check")
    cast = _under(data, "cast")
    if isinstance(cast, dict):
        yield from _circles(document, _builds_on(cast), "builds on", "the name")
        for described in cast.values():
            for key in ("children-of", "threads-of", "programs-of"):
                parent = _under(described, key)
                if isinstance(parent, Written) and _under(cast.get(parent), "threads-of"):
                    yield document.problem(
                        f"'{parent}' stands for threads: write the process that they belong to",
                        parent.node,
                    )
        for name in peers:
            if name is not None and name in cast:
                yield document.problem(
                    f"'{name}' is a name of the cast as well: call the peer otherwise", name.node
                )
    yield from _never_judged(document, data, run)
    points = [check.get("points") for _, check in _checks(data)]
    is_advice = all(isinstance(one, Written) and not one.strip("0.") for one in points)
    if points and is_advice and isinstance(document.root, yaml.MappingNode):
        yield document.problem(
            "every check is advice (points: 0): at least one must be worth something",
            next(key.node for key, _ in pairs(document.root) if key == "checks"),
        )


_OF_CHILDREN = ("daemon", "named", "subclass")
"""Relations about what a process is made with."""


def _never_judged(document: Document, data: Data, run: Data | None) -> Iterator[Problem]:
    """Checks that no run can answer, whatever is handed in."""
    one = _under(run, "start-method")
    methods = [str(each) for each in one] if isinstance(one, list) else [str(one or "fork")]
    for check_id, check in _checks(data):
        under = check.get("under")
        if isinstance(under, Written) and under not in methods:
            yield document.problem(
                f"'{check_id}' counts only under {under}, and no run is: list it under run, as in "
                f"start-method: [{', '.join([*methods, under])}]",
                under.node,
            )
        for relation in _OF_CHILDREN:
            who = _under(check.get(relation), "who")
            if isinstance(who, Written) and who == MAIN_NAME:
                yield document.problem(
                    f"'{relation}' is about a process that the script starts, and main is none: "
                    "name one of the cast",
                    who.node,
                )
        if "same-lines" in check and len(methods) < 2:
            yield document.problem(
                f"'{check_id}' compares what is printed under several start methods: "
                "list them under run, as in start-method: [fork, spawn]",
                check_id.node,
            )


def _checks(data: Data) -> Iterator[tuple[Written, dict[str, Data]]]:
    """The checks that have an id, each with its id."""
    for check in _items(data, "checks"):
        if isinstance(check, dict) and isinstance(check_id := check.get("id"), Written):
            yield check_id, check


def _builds_on(cast: dict[str, Data]) -> dict[str, list[Written]]:
    """Which names each name of the cast is described by."""
    return {
        name: [
            other
            for key in ("children-of", "threads-of", "programs-of", "except")
            if isinstance(other := _under(described, key), Written)
        ]
        for name, described in cast.items()
    }


def _repeated(
    document: Document, two_are: str, named: Iterable[tuple[str, Written | None]]
) -> Iterator[Problem]:
    """Names that are given twice; None stands where a name was not written."""
    first: dict[str, Written | None] = {}
    for name, written in named:
        if name not in first:
            first[name] = written
            continue
        before = first[name]
        if written is not None and before is not None:
            place = f": the first is in line {before.node.start_mark.line + 1}"
        else:
            place = ", by its id and by its place"
        shown = written or before
        assert shown is not None  # places are not given twice
        yield document.problem(f"{two_are} called '{name}'{place}", shown.node)


def _circles(
    document: Document, uses: Mapping[str, list[Written]], verb: str, what: str
) -> Iterator[Problem]:
    """Each circle once, at the reference that closes it."""
    done: set[str] = set()
    for first in uses:
        path = [first]
        ahead = [iter(uses[first] if first not in done else ())]
        while ahead:
            other = next(ahead[-1], None)
            if other is None:
                done.add(path.pop())
                ahead.pop()
            elif other in path:
                circle = [*path[path.index(other) :], other]
                chain = f" {verb} ".join(f"'{name}'" for name in circle)
                yield document.problem(f"{what} {chain}: that never ends", other.node)
            elif other not in done:
                path.append(other)
                ahead.append(iter(uses.get(other, ())))
