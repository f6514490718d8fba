"""What the parts of an exercise file say about each other: names, and who builds on whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from grader.exercise.company import step_ids
from grader.exercise.document import Data, Document, pairs
from grader.exercise.names import Vocabulary
from grader.exercise.problem import Problem
from grader.exercise.scalar import Written


def vocabulary_of(data: Data, folder: Path | None = None) -> Vocabulary:
    """The names that a file in ``folder`` defines, as far as it can be understood.

    A peer's name is that of its one process.
    """
    cast = data.get("cast", {}) if isinstance(data, dict) else None
    run = data.get("run") if isinstance(data, dict) else None
    peers = [name for name in _named(run, "peers", "name") if name is not None]
    checks = data.get("checks") if isinstance(data, dict) else None
    return Vocabulary(
        cast={**{name: _count(one) for name, one in cast.items()}, **dict.fromkeys(peers, 1)}
        if isinstance(cast, dict)
        else None,
        checks=frozenset(str(check_id) for check_id, _ in _checks(data))
        if isinstance(checks, list)
        else None,
        steps=frozenset(step_ids(_named(run, "dialogue", "id"))),
        folder=folder,
    )


def _named(run: Data | None, key: str, name: str) -> list[Written | None]:
    """What the items of a list below ``run`` are called; None for those that have no name."""
    items = run.get(key) if isinstance(run, dict) else None
    return [
        given if isinstance(item, dict) and isinstance(given := item.get(name), Written) else None
        for item in (items if isinstance(items, list) else ())
    ]


def wrong_references(document: Document, data: Data) -> Iterator[Problem]:
    """Ids given twice, checks and names that build on themselves, and a task without a point."""
    run = data.get("run") if isinstance(data, dict) else None
    steps, peers = _named(run, "dialogue", "id"), _named(run, "peers", "name")
    for two_are, named in (
        ("two checks are", [(check_id, check_id) for check_id, _ in _checks(data)]),
        ("two steps are", zip(step_ids(steps), steps, strict=True)),
        ("two peers are", [(name, name) for name in peers if name is not None]),
    ):
        yield from _repeated(document, two_are, named)
    needs = {str(check_id): _needs(check) for check_id, check in _checks(data)}
    yield from _circles(document, needs, "needs", "the check")
    cast = data.get("cast") if isinstance(data, dict) else None
    if isinstance(cast, dict):
        yield from _circles(document, _builds_on(cast), "builds on", "the name")
        for name in peers:
            if name is not None and name in cast:
                yield document.problem(
                    f"'{name}' is a name of the cast as well: call the peer otherwise", name.node
                )
    yield from _nothing_to_compare(document, data, run)
    points = [check.get("points") for _, check in _checks(data)]
    if points and all(isinstance(one, Written) and not one.strip("0.") for one in points):
        yield document.problem(
            "every check is advice (points: 0): at least one must be worth something",
            _key_node(document.root, "checks"),
        )


def _nothing_to_compare(document: Document, data: Data, run: Data | None) -> Iterator[Problem]:
    """Checks that compare the runs of several start methods where there is but one."""
    methods = run.get("start-method") if isinstance(run, dict) else None
    if isinstance(methods, list) and len(methods) > 1:
        return
    for check_id, check in _checks(data):
        if "same-lines" in check:
            yield document.problem(
                f"'{check_id}' compares what is printed under several start methods: "
                "list them under run, as in start-method: [fork, spawn]",
                check_id.node,
            )


def _checks(data: Data) -> Iterator[tuple[Written, dict[str, Data]]]:
    """The checks that have an id, each with its id."""
    checks = data.get("checks") if isinstance(data, dict) else None
    for check in checks if isinstance(checks, list) else ():
        if isinstance(check, dict) and isinstance(check_id := check.get("id"), Written):
            yield check_id, check


def _count(described: Data) -> int | None:
    count = described.get("count") if isinstance(described, dict) else None
    return int(count) if isinstance(count, Written) and count in ("1",) else None


def _needs(check: dict[str, Data]) -> list[Written]:
    needs = check.get("needs")
    return [one for one in needs if isinstance(one, Written)] if isinstance(needs, list) else []


def _builds_on(cast: dict[str, Data]) -> dict[str, list[Written]]:
    """Which names each name of the cast is described by."""
    return {
        name: [
            other
            for key in ("children-of", "except")
            if isinstance(described, dict) and isinstance(other := described.get(key), Written)
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


def _key_node(node: yaml.Node, name: str) -> yaml.Node:
    assert isinstance(node, yaml.MappingNode)
    return next(key.node for key, _ in pairs(node) if key == name)
