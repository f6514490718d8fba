"""What docs/threat-model.md promises is shown by tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_what_is_named_exists(file: str, test: str) -> None:
    """A file of tests, and the test in it."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert test in tests or (not test and any(name.startswith("test_") for name in tests))


def test_every_promise_names_a_test() -> None:
    """A promise that nothing shows is none."""
    _, _, promises = PAGE.partition("## Promised\n")
    rows = [row for row in promises.partition("\n## ")[0].splitlines() if row.startswith("| **")]
    assert len(rows) >= 10
    assert all("`tests/" in row.rpartition(" | ")[2] for row in rows)
