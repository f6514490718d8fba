"""The folder that a submission runs in."""

from __future__ import annotations

import os
from pathlib import Path

from grader.sandbox import private_folder, refill
from grader.submission import SourceFile, Submission

SUBMISSION = Submission(
    Path("student.py"),
    (SourceFile("student.py", b"script"), SourceFile("package/inner.py", b"inner")),
    (SourceFile("data/names.txt", b"Anna"),),
)

FILES = {"student.py": b"script", "package/inner.py": b"inner", "data/names.txt": b"Anna"}


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_it_holds_the_submissions_files():
    """Under their own names, in their own folders."""
    with private_folder(SUBMISSION) as folder:
        assert contents(folder) == FILES


def test_it_is_nobody_elses():
    """Only the user has a right to look."""
    with private_folder(SUBMISSION) as folder:
        assert folder.parent.stat().st_mode & 0o077 == 0


def test_it_is_gone_afterwards():
    """Also when there was an error, and whatever was put there."""
    try:
        with private_folder(SUBMISSION) as folder:
            (folder / "more" / "of it").mkdir(parents=True)
            (folder / "link").symlink_to("/etc")
            raise RuntimeError("in the middle")
    except RuntimeError:
        assert not folder.parent.exists()
    assert Path("/etc").exists()


def test_it_is_gone_though_rights_were_taken_away():
    """Folders that may not be changed any more are removed all the same."""
    with private_folder(SUBMISSION) as folder:
        inner = folder / "a" / "b"
        inner.mkdir(parents=True)
        (inner / "file").write_text("x")
        inner.chmod(0)
        (folder / "a").chmod(0o500)
        folder.chmod(0)
    assert not folder.parent.exists()


def test_refilled_it_is_as_it_was():
    """What was made, changed, linked or protected in it is as it was at the beginning."""
    with private_folder(SUBMISSION) as folder:
        outside = folder.parent / "outside"
        outside.mkdir()
        (outside / "kept").write_text("x")
        (folder / "student.py").write_bytes(b"changed")
        (folder / "made").mkdir()
        (folder / "made" / "file").write_text("x")
        (folder / "made").chmod(0)
        (folder / "link").symlink_to(outside)
        os.chmod(folder, 0o500)
        refill(folder, SUBMISSION)
        assert contents(folder) == FILES
        assert (outside / "kept").read_text() == "x"


def test_a_link_in_its_place_leads_nowhere(tmp_path: Path):
    """A submission may move its folder away and put a link to somebody's home there."""
    (tmp_path / "kept").write_text("x")
    with private_folder(SUBMISSION) as folder:
        folder.rename(folder.with_name("moved"))
        folder.symlink_to(tmp_path)
        refill(folder, SUBMISSION)
        assert contents(folder) == FILES
        moved = tmp_path / "moved"
        folder.parent.rename(moved)
        folder.parent.symlink_to(tmp_path)
        refill(folder, SUBMISSION)
        assert contents(folder) == FILES
    assert not folder.parent.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "moved"]
