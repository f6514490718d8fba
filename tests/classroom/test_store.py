"""The results beside the submissions: who may have them, and what is said when they are bad."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks import Status
from grader.classroom.batch.job import Graded, Judged
from grader.classroom.batch.store import Mark, Stored, UserError, open_store
from grader.classroom.model import CheckResult
from grader.messages import Localized

CLAIM = Localized({"en": "It ends well", "zh": "正常结束"})
CHECK = CheckResult(
    "clean", Status.LUCKY, 0.0, 2.0, CLAIM, CLAIM, None, CLAIM, 3, "a.py", "natural", None, "m"
)
GRADED = Graded(1.5, 2.0, False, "finished", (CHECK,), CLAIM, b"page")


def refusal(folder: Path) -> str:
    with pytest.raises(UserError) as caught, open_store(folder):
        pass
    return caught.value.problem.in_language("en")


def test_what_is_kept(tmp_path: Path) -> None:
    """A result comes back as it was put, also after the store was closed; so do marks."""
    folder = tmp_path / ".grader"
    mark = Mark(1.5, "e", "s", None)
    with open_store(folder) as store:
        at = store.put("join", "ada", "ada.py", "key", GRADED)
        store.set_marks({("join", "ada"): mark})
        store.note_written("reports/ada.html", "stamp")
    with open_store(folder) as store:
        stored = store.get("key")
        assert stored is not None
        assert stored == Stored(Judged(1.5, 2.0, False, "finished", (CHECK,), CLAIM), at)
        assert store.report("key") == b"page"
        assert store.get("another") is None
        assert store.marks() == {("join", "ada"): mark}
        assert store.written() == {"reports/ada.html": "stamp"}


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room(tmp_path: Path) -> None:
    """Where there is no room any more it is said where and why; what was kept before stays."""
    folder = tmp_path / ".grader"
    large = replace(GRADED, report=os.urandom(500_000))
    with open_store(folder) as store:
        store.put("join", "ada", "ada.py", "small", GRADED)
        with no_file_larger_than(200_000), pytest.raises(UserError) as caught:
            store.put("join", "bo", "bo.py", "large", large)
    assert caught.value.problem.in_language("en") == (
        f"{folder}/results.sqlite cannot be written: disk I/O error. Everything that was graded "
        "is kept."
    )
    with open_store(folder) as store:
        assert store.has("small")
        assert not store.has("large")


def test_the_same_claims_are_one_object(tmp_path: Path) -> None:
    """What a check expects is not in memory once for every student."""
    with open_store(tmp_path / ".grader") as store:
        for student in ("ada", "bo"):
            store.put("join", student, f"{student}.py", student, GRADED)
        ada, bo = store.get("ada"), store.get("bo")
        assert ada is not None
        assert bo is not None
        assert ada.judged.checks[0].expected is bo.judged.checks[0].expected


def test_what_has_no_score_is_not_kept(tmp_path: Path) -> None:
    """It is graded again the next time."""
    unjudged = Graded(None, 2.0, False, "finished", (), None, b"page")
    with open_store(tmp_path / ".grader") as store:
        store.put("join", "ada", "ada.py", "key", unjudged)
        assert not store.has("key")


def test_to_forget(tmp_path: Path) -> None:
    """Results are forgotten, marks are kept to be compared."""
    with open_store(tmp_path / ".grader") as store:
        store.put("join", "ada", "ada.py", "key", GRADED)
        store.set_marks({("join", "ada"): Mark(1.5, "e", "s", None)})
        store.forget_results()
        assert not store.has("key")
        assert len(store.marks()) == 1


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """A store into which nothing came is removed."""
    with open_store(tmp_path / ".grader") as store:
        assert store.scratch.is_dir()
    assert not store.scratch.exists()
    assert list(tmp_path.iterdir()) == []


HOLDER = """
import sys
from pathlib import Path
from grader.classroom.batch.store import open_store
with open_store(Path(sys.argv[1])) as store:
    print(store.scratch, flush=True)
    sys.stdin.read()
"""


KILLED = """
import os, sys
from pathlib import Path
from grader.classroom.batch.store import open_store
make = os.mkdir
def made_and_killed(path, *more):
    make(path, *more)
    if "grader-class-" in str(path):
        print(path, flush=True)
        os.kill(os.getpid(), 9)
os.mkdir = made_and_killed
with open_store(Path(sys.argv[1])):
    pass
"""


def test_killed_when_it_has_just_begun(tmp_path: Path) -> None:
    """Not even a grading that is killed as it makes its folder for the moment leaves one."""
    folder = tmp_path / ".grader"
    call = [sys.executable, "-c", KILLED, folder]
    scratch = Path(subprocess.run(call, capture_output=True, text=True, check=False).stdout.strip())
    assert scratch.is_dir()
    with open_store(folder):
        assert not scratch.exists()


def test_two_at_once(tmp_path: Path) -> None:
    """The second grading of a folder is refused, and told by whom it is graded. When that one is
    killed, the store is free and what it left is removed.
    """
    folder = tmp_path / ".grader"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        scratch = Path(holder.stdout.readline().strip())
        assert scratch.is_dir()
        assert refusal(folder) == (
            f"These submissions are being graded already, by process {holder.pid}. Wait until it "
            "has ended."
        )
        holder.kill()
    with open_store(folder):
        assert not scratch.exists()


def test_only_its_own_folders_are_removed(tmp_path: Path) -> None:
    """Whatever stands in the lock file, nothing else is deleted."""
    folder = tmp_path / ".grader"
    precious = tmp_path / "grader-class-precious"
    precious.mkdir()
    other = Path(tempfile.gettempdir()) / ".."
    for left in ({"scratch": str(precious)}, {"scratch": str(other)}, {"scratch": 7}, "what?", 7):
        folder.mkdir()
        (folder / "lock").write_text(json.dumps(left))
        with open_store(folder):
            assert precious.is_dir()


def test_another_version(tmp_path: Path) -> None:
    """Results of another version of the grader are not understood, and not thrown away either."""
    path = tmp_path / ".grader" / "results.sqlite"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert refusal(path.parent) == (
        f"{path} was made by another version of the grader. Delete it, and everything is graded "
        "again."
    )


def test_damage(tmp_path: Path) -> None:
    """A file that is no database is told in a sentence."""
    path = tmp_path / ".grader" / "results.sqlite"
    path.parent.mkdir()
    path.write_text("not a database, but long enough to be read as the head of one " * 100)
    assert refusal(path.parent) == (
        f"The kept results in {path.parent} cannot be read (file is not a database). Delete that "
        "folder, and everything is graded again."
    )


def test_no_place(tmp_path: Path) -> None:
    """Where nothing can be written, that is told, and what to do."""
    (tmp_path / ".grader").write_text("in the way")
    assert refusal(tmp_path / ".grader") == (
        f"The results cannot be kept in {tmp_path}/.grader: File exists. Copy the submissions to "
        "a folder that you may write to."
    )
