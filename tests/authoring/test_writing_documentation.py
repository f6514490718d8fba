"""The page on writing exercises: its commands, its files and its outputs are as it shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.authoring.samples import Sample, load_samples
from grader.cli import run
from grader.cli.pages import CommandName
from tests.exercise.writing import HEAD, load

PAGE = (Path(__file__).parents[2] / "docs" / "writing-exercises.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.S | re.M)


def test_every_command_is_one() -> None:
    """Each call names a command that there is."""
    calls = [line.split() for block in blocks("sh") for line in block.splitlines()]
    assert {call[0] for call in calls} == {"grade"}
    assert {call[1] for call in calls} <= set(CommandName.__args__)  # type: ignore[attr-defined]


def test_the_samples_are_samples(tmp_path: Path) -> None:
    """The file that is shown is read as it is meant, and every key of a sample is explained."""
    (manifest,) = blocks("yaml")
    (tmp_path / "samples.yaml").write_text(manifest, "utf-8")
    (tmp_path / "wrong").mkdir()
    for name in ("no_join", "says_nothing"):
        (tmp_path / "wrong" / f"{name}.py").touch()
    checks = "checks:\n" + "".join(
        f"  - {{id: {name}, expect: e, clean: true}}\n" for name in ("greets", "waits")
    )
    first, second = load_samples(load(HEAD + checks), tmp_path)
    assert (first.wanted.lucky, first.wanted.loses) == (("waits",), ("waits",))
    assert (second.wanted.fails, second.wanted.score) == (("greets",), 2)
    explained = re.findall(r"^\| (`.*?) \|", PAGE, re.M)
    assert set(re.findall(r"`(\w+)`", " ".join(explained))) == set(Sample.fields_by_key())


def test_the_warning_is_told_as_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page shows what `grade lint` really says."""
    shown = next(block for block in blocks("text") if "warning" in block)
    line = re.findall(r"\| ( *time:.*)", shown)[0]
    before = "id: greet\ntitle: t\ntask: t\ncast:\n  child: {children-of: main, count: 1}\n"
    comments = "#\n" * 8
    check = "checks:\n  - id: takes\n    expect: e\n"
    (tmp_path / "greet.yaml").write_text(f"{before}{check}{comments}{line}\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["lint", "greet.yaml", "--lang", "en"]) == 1
    assert capsys.readouterr().out.startswith(shown)
