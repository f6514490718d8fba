"""Compiled templates are kept beside them, and are never those of another text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from grader.report.compiled import CompiledTemplates


@pytest.fixture(autouse=True)
def _keeps_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def shown(folder: Path) -> str:
    """What the template comes to in a process that has not used it yet."""
    made = Environment(loader=FileSystemLoader(folder), bytecode_cache=CompiledTemplates(folder))
    return made.get_template("page.html").render()


def test_they_are_kept_beside_the_templates(tmp_path: Path) -> None:
    """As Python keeps its modules; what is kept is used."""
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    assert shown(tmp_path) == "2"
    (kept,) = (tmp_path / "__pycache__").iterdir()
    assert kept.suffix == ".pyc"
    before = kept.read_bytes()
    assert shown(tmp_path) == "2"
    assert kept.read_bytes() == before


def test_a_changed_template_is_compiled_anew(tmp_path: Path) -> None:
    """Another text, another page."""
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    assert shown(tmp_path) == "2"
    (tmp_path / "page.html").write_text("{{ 2 + 2 }}")
    assert shown(tmp_path) == "4"


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_what_was_kept_is_damaged(tmp_path: Path, damage: bytes | None) -> None:
    """Half of it, or something else: the page is right all the same."""
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    assert shown(tmp_path) == "2"
    (kept,) = (tmp_path / "__pycache__").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert shown(tmp_path) == "2"


def test_nothing_is_kept_where_python_keeps_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PYTHONDONTWRITEBYTECODE goes for templates too."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    assert shown(tmp_path) == "2"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """As where root installed the grader: it is compiled each time."""
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}")
    (tmp_path / "__pycache__").write_text("no folder, so that root cannot write there either")
    assert shown(tmp_path) == "2"
