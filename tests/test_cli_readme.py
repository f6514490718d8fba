"""What the README tells people to type does what it says; the changelog collects its fragments."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from grader.cli import run
from grader.exit_status import ExitStatus

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.S | re.M)
    for line in block.splitlines()
]
INSTALL = "python3 -m venv .venv && .venv/bin/pip install -q"
FIRST = f"{INSTALL} . && .venv/bin/grade exercises/join.yaml solutions/join.py"
SECOND = f"{INSTALL} -e '.[test]' && .venv/bin/pytest -q"
GRADE = ".venv/bin/grade"


def test_the_two_commands_that_do_everything() -> None:
    """They stand in the README word for word, once, for the CI script runs them from there."""
    assert COMMANDS.count(FIRST) == 1
    assert COMMANDS.count(SECOND) == 1
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for ending in re.findall(r"command_of_the_readme '(.*)'", script):
        matching = [line for line in README.splitlines() if re.search(f"^python3.*{ending}$", line)]
        assert len(matching) == 1, ending


@pytest.mark.parametrize(
    "command", [line for line in COMMANDS if line.startswith(GRADE)] + [FIRST.split(" && ")[-1]]
)
def test_every_grade_command(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of `grade` works as it stands: right answers pass, wrong ones do not."""
    monkeypatch.chdir(tmp_path)
    for name in ("exercises", "solutions", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    program, *arguments = shlex.split(command)
    assert program == GRADE
    assert run(arguments) == (ExitStatus.NOT_PASSED if "/wrong/" in command else ExitStatus.PASSED)


def test_every_link_leads_somewhere() -> None:
    """What the README, CONTRIBUTING and the pages in docs/ point to is there."""
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("https://"):
                assert (page.parent / target).exists(), (page.name, target)


def test_fragments_become_a_section() -> None:
    """Fragments are sorted by kind and become one sentence each."""
    collected = runpy.run_path(str(ROOT / "changes" / "collect.py"))["collected"]
    fragments = {"b.fixed.md": "It no longer\nbites.\n", "a.added.md": "It barks.\n"}
    assert collected(fragments, "1.0", "2026-01-31") == (
        "## 1.0 (2026-01-31)\n\n### Added\n\n- It barks.\n\n### Fixed\n\n- It no longer bites.\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.md", "x", "a.md: its name ends in .KIND.md, with one of added, changed, fixed"),
        ("a.new.md", "x", "a.new.md: its name ends in .KIND.md, with one of added, changed, fixed"),
        ("a.added.md", " \n", "a.added.md: it says nothing"),
    ],
)
def test_fragments_that_are_none(name: str, text: str, complaint: str) -> None:
    """A fragment without a kind or without words is refused."""
    collected = runpy.run_path(str(ROOT / "changes" / "collect.py"))["collected"]
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        collected({name: text}, "1.0", "2026-01-31")


def test_the_fragments_that_there_are() -> None:
    """Every fragment in the project can be collected."""
    collected = runpy.run_path(str(ROOT / "changes" / "collect.py"))["collected"]
    files = list((ROOT / "changes").glob("*.md"))
    section = collected({file.name: file.read_text("utf-8") for file in files}, "1.0", "today")
    assert section.count("\n- ") == len(files)
