"""Programs that are alike: what is found, what is not, and how it is shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader.classroom.model import ClassResults
from grader.classroom.outputs.similar_page import render_similar
from grader.classroom.outputs.similarity import (
    find_alike,
    require_library,
)
from grader.exit_status import UserError
from grader.submission import SourceFile, Submission
from tests.classroom.outputs.class_results import class_of, result

OWN = """
def fibonacci(count):
    first, second = 0, 1
    while count > 0:
        yield first
        first, second = second, first + second
        count -= 1

numbers = [value ** 2 for value in fibonacci(12) if value % 3 != 1]
print(sorted(numbers, key=lambda value: -value)[2:7])
"""
RENAMED = OWN.replace("fibonacci", "fib").replace("value", "x").replace("count", "n")
OTHER = """
import string

def shifted(text, by):
    table = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[by:] + 'abc')
    return text.translate(table) or None

for word in ("one", "two", "three"):
    if len(word) == 3 and not word.startswith("x"):
        print(word, shifted(word, 3).upper(), sep=": ", flush=True)
"""
ADDED = (
    f"{OWN}\nwhile True:\n    print({{'a': 1}}.get('b', [1, 2, 3][-1]) or __file__)\n    break\n"
)


def handed_in(programs: Mapping[str, str]) -> ClassResults:
    results = []
    for name, program in programs.items():
        submission = Submission(Path(f"{name}.py"), (SourceFile("join.py", program.encode()),))
        results.append(
            replace(result(name, report=None), submission=submission, sha256=submission.sha256)
        )
    return class_of(*results)


def found(results: ClassResults, threshold: float = 0.8) -> tuple[list[str], list[str]]:
    """Groups and pairs, by names."""
    (alike,) = find_alike(results.results, threshold)
    groups = ["+".join(one.student.name for one in each.results) for each in alike.groups]
    pairs = [
        f"{each.one.results[0].student.name}~{each.two.results[0].student.name}"
        for each in alike.pairs
    ]
    return groups, pairs


def test_renaming_hides_nothing() -> None:
    """Programs that differ in names, comments and spaces only are one program."""
    commented = OWN.replace("\n    while", "\n    # as long as\n    while")
    programs = {"a": OWN, "b": RENAMED, "c": OTHER, "d": f"# mine\n{commented}"}
    assert found(handed_in(programs)) == (["a+b+d"], [])


def test_a_program_inside_another() -> None:
    """What was copied and added to is a pair; both shares are told, and where it stands."""
    results = handed_in({"a": OWN, "b": ADDED, "c": OTHER})
    assert found(results) == ([], ["a~b"])
    (alike,) = find_alike(results.results, 0.8)
    (pair,) = alike.pairs
    assert pair.shares[0] == 1.0
    assert pair.shares[1] < 1.0
    (start, end), *_ = pair.marked[1]
    assert "while count > 0:" in pair.two.text[start:end]
    assert "__file__" not in "".join(pair.two.text[a:b] for a, b in pair.marked[1])


def test_what_all_share_says_nothing() -> None:
    """What the exercise asks of everybody does not make two of them alike."""
    own = [f"print({'+'.join('x' * n)})\n" for n in range(1, 8)]
    programs = {f"s{n}": OWN + line for n, line in enumerate(own)}
    assert found(handed_in(programs)) == ([], [])


def test_the_same_file() -> None:
    """Byte for byte is told apart from alike."""
    (alike,) = find_alike(handed_in({"a": OWN, "b": OWN}).results, 0.8)
    assert [group.is_one_file for group in alike.groups] == [True]
    (alike,) = find_alike(handed_in({"a": OWN, "b": RENAMED}).results, 0.8)
    assert [group.is_one_file for group in alike.groups] == [False]


@pytest.mark.parametrize("program", ["", "\n\n", "x\n", "def (", "\x00", "é" * 300, "'" * 500])
def test_programs_that_are_none(program: str) -> None:
    """Whatever is handed in, the comparison ends."""
    groups, pairs = found(handed_in({"a": program, "b": OWN, "c": OTHER}))
    assert (groups, pairs) == ([], [])


def test_the_page() -> None:
    """A hint and no verdict; both programs with what they share marked; nothing in it acts."""
    results = handed_in({"a": f"{OWN}#</code><script>", "b": ADDED, "c": OTHER})
    alike = find_alike(results.results, 0.8)
    page = render_similar(results, alike, 0.8, "en", Path("reports"))
    assert "A hint where to look, and no verdict." in page
    assert "3 programs compared · shown from 80%" in page
    assert "<bdi>a</bdi> and <bdi>b</bdi>" in page
    assert page.count("<mark>") >= 2
    assert "<script" not in page
    assert "://" not in page


def test_an_anonymous_page() -> None:
    """Names are left out, also where they stand in a program."""
    results = handed_in({"Ada Hopper": f"# by Ada Hopper\n{OWN}", "Bo Li": ADDED})
    alike = find_alike(results.results, 0.8)
    page = render_similar(results, alike, 0.8, "en", Path("reports"), anonymous=True)
    assert "Hopper" not in page
    assert "Bo Li" not in page
    assert "# by ···" in page


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra, and its absence is told."""
    monkeypatch.setitem(sys.modules, "copydetect", None)
    with pytest.raises(UserError):
        require_library()
