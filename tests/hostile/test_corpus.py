"""Hostile submissions: no point that was not earned, no process and no file left behind.

What is expected of each script under ``<family>/`` stands in ``table.yaml``.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.exit_status import ExitStatus
from grader.sandbox import has_private_networks

from .examining import HERE, examine

TABLE: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
    (HERE / "table.yaml").read_text(encoding="utf-8")
)
ROWS = [
    pytest.param(family, name, id=f"{family}/{name}")
    for family, scripts in TABLE.items()
    for name in scripts
]
_ACTING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]")


@pytest.mark.parametrize(("family", "name"), ROWS)
def test_a_hostile_script(family: str, name: str, tmp_path: Path) -> None:
    """It is judged like any other, gains nothing, harms nobody, and nothing of it stays."""
    row = TABLE[family][name]
    script = tmp_path / "handed-in" / name
    script.parent.mkdir()
    shutil.copyfile(HERE / family / name, script)
    for module, source in row.get("beside", {}).items():
        (script.parent / module).write_text(source, encoding="utf-8")
    with _listening(row.get("listens", False)):
        examined = examine(script, tmp_path)
    assert examined.survivors == []
    assert examined.files == []
    assert (examined.status, examined.status_of_next) == (
        ExitStatus.NOT_PASSED,
        ExitStatus.PASSED,
    ), examined.said
    result = examined.result
    assert result["outcome"] in row["outcome"].split(" or "), examined.said
    assert result["score"] == row["score"]
    assert " ".join(row["says"].split()) in " ".join(examined.said.split())
    _does_not_act(examined.said)
    _does_not_act(examined.page)
    assert examined.page.count("<script") == 1
    assert "<img" not in examined.page
    is_promised = row.get("needs", result["isolation"]) == result["isolation"]
    if is_promised and (has_private_networks() or family != "network"):
        _printed(row.get("prints", []), result)


def _does_not_act(text: str) -> None:
    """Neither a terminal nor an editor is told to do anything: no control codes, no marks."""
    assert _ACTING.findall(text) == []


def _printed(wanted: list[str], result: dict[str, Any]) -> None:
    """The script's own account of what it has reached is true: the kernel saw it print that."""
    lines = [event["text"] for event in result["events"] if event["kind"] == "printed"]
    assert [line for line in wanted if line not in lines] == [], lines


@contextmanager
def _listening(wanted: bool) -> Iterator[None]:
    """A service of the machine, at one of the ports that a script tries."""
    with ExitStack() as held:
        if wanted:
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", _free_port(range(40000, 40010))))
            listener.listen()
        yield


def _free_port(ports: range) -> int:
    for port in ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("all ports are taken")


def test_the_corpus_is_whole() -> None:
    """Each script stands in the table, and each row is a script; no family is forgotten."""
    scripts = {f"{path.parent.name}/{path.name}" for path in HERE.glob("*/*.py")}
    rows = {f"{family}/{name}" for family, names in TABLE.items() for name in names}
    assert scripts - {"right/answer.py"} == rows
    assert len(rows) >= 60
    assert set(TABLE) == {
        "bombs",
        "clocks",
        "endless",
        "escapes",
        "forging",
        "kills",
        "network",
        "parsers",
        "snooping",
    }
