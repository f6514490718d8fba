"""No two modules of the product need one another, not even for their types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import grader

PACKAGE = Path(grader.__file__).parent


def modules() -> dict[str, Path]:
    """Name of each module -> its file. The probe is none: it runs in other interpreters."""
    found = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        if "probe" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = file
    return found


def imported(source: str) -> Iterator[str]:
    """What a module imports wherever it does: at its top, for types only, within a function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Module -> those of the others that it imports, or names of which it imports."""
    return {
        name: {
            target
            for wanted in imported(source)
            for target in (wanted if wanted in sources else wanted.rpartition(".")[0],)
            if target in sources and target != name
        }
        for name, source in sources.items()
    }


def test_no_circles():
    """Imports under TYPE_CHECKING count: whoever reads one file of a circle must read them all."""
    TopologicalSorter(graph({name: file.read_text() for name, file in modules().items()})).prepare()


def test_a_circle_for_types_is_seen():
    """Also where one of the two imports is not executed."""
    sources = {
        "a": "from b import B",
        "b": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import A",
    }
    with pytest.raises(CycleError):
        TopologicalSorter(graph(sources)).prepare()
