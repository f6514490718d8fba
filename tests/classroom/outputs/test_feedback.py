"""Reports go back to Moodle under the names that it gave."""

from __future__ import annotations

import zipfile
from pathlib import Path

from grader.classroom.outputs.feedback import write_feedback
from tests.classroom.outputs.class_results import class_of, result


def named(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def page(folder: Path, said: str) -> Path:
    path = folder / f"{said}.html"
    path.write_text(said)
    return path


def test_folders_and_files(tmp_path: Path) -> None:
    """In a student's folder the report stands inside, beside a file that stands alone its name
    goes on; who has no report has none here.
    """
    results = class_of(
        result(
            "张三",
            place="张三_101_assignsubmission_file_",
            file="张三_101_assignsubmission_file_/join.py",
            report=page(tmp_path, "one"),
        ),
        result(
            "Bo",
            place="Bo_102_assignsubmission_file",
            file="Bo_102_assignsubmission_file_join.py",
            report=page(tmp_path, "two"),
        ),
        result("Cy", "broken", place="Cy_103_assignsubmission_file"),
        platform="moodle",
    )
    (path,) = write_feedback(results, tmp_path / "out")
    assert path == tmp_path / "out" / "feedback.zip"
    assert named(path) == {
        "张三_101_assignsubmission_file_/join.html": "one",
        "Bo_102_assignsubmission_file_join.html": "two",
    }
    before = path.read_bytes()
    list(write_feedback(results, tmp_path / "out"))
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["feedback.zip"]


def test_several_downloads(tmp_path: Path) -> None:
    """Each assignment's reports go back by themselves."""
    results = class_of(
        *(
            result(
                "Bo",
                place=f"Bo_{number}_assignsubmission_file",
                file=f"week {number}.zip/Bo_{number}_assignsubmission_file/join.py",
                report=page(tmp_path, str(number)),
            )
            for number in (1, 2)
        ),
        platform="moodle",
    )
    assert {path.name: named(path) for path in write_feedback(results, tmp_path)} == {
        "feedback-week-1.zip": {"Bo_1_assignsubmission_file/join.html": "1"},
        "feedback-week-2.zip": {"Bo_2_assignsubmission_file/join.html": "2"},
    }


def test_other_layouts(tmp_path: Path) -> None:
    """There is nothing to give back to Moodle where nothing came from there."""
    assert list(write_feedback(class_of(result("Bo")), tmp_path)) == []
