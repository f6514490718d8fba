"""Only what the platform wrote says whose a file is, and what one student hands in costs nobody
else anything.
"""

from __future__ import annotations

import os
import string
import time
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.course import Course
from grader.classroom.discover import Found
from grader.classroom.discover.platforms import platforms
from grader.classroom.times import time_of
from grader.sandbox.removal import remove_folder
from tests.classroom.class_folder import course_of, found, left, who, write, zipped


@pytest.fixture
def join(tmp_path: Path) -> Course:
    return course_of(tmp_path / "exercises", "join")


TIME = "attempt_2026-03-01-10-00-00"
METADATA = "submission_{}:\n  :submitters:\n  - :name: {}\n    :sid: '{}'\n"

CLASSES = {
    "moodle": "{0}_{1}_assignsubmission_file/",
    "moodle-files": "{0}_{1}_assignsubmission_file_",
    "canvas": "{0}_{1}_900{1}_",
    "blackboard": f"Week 3_{{0}}_{TIME}_",
    "github": "week-{0}/",
    "gradescope": "submission_{1}/",
    "folders": "{0}/",
    "zips": "{0}.zip/",
    "files": "join_{0}",
}
"""What each platform writes before what a student named ``{0}`` with number ``{1}`` did."""
HONEST = {"ada": "1", "bo": "2", "cy": "3"}


def honest(layout: str) -> dict[str, str | bytes]:
    """The files of three students, each with a program of his own."""
    of_files = "" if layout == "files" else "join"
    files: dict[str, str | bytes] = {
        CLASSES[layout].format(name, number) + f"{of_files}.py": f"print({number})\n"
        for name, number in HONEST.items()
    }
    if layout == "gradescope":
        people = {**HONEST, "mallory": "4"}
        files["submission_metadata.yml"] = "".join(
            METADATA.format(number, name, f"s{number}") for name, number in people.items()
        )
    return files


def placed(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write the files; those whose first folder is called like a zip file into one."""
    archives: dict[str, dict[str, str | bytes]] = {}
    plain: dict[str, str | bytes] = {}
    for name, content in files.items():
        first, _, rest = name.partition("/")
        if first.endswith(".zip") and rest:
            archives.setdefault(first, {})[rest] = content
        else:
            plain[name] = content
    write(folder, plain)
    for first, inside in archives.items():
        zipped(folder / first, inside)
    return folder


Row = tuple[str, str, str, bytes, int, object]


def of_the_honest(layout: str, result: Found) -> list[Row]:
    """All that becomes of what the three handed in."""
    return [
        (
            one.file,
            one.student.id,
            one.student.name,
            one.submission.script.content,
            one.attempt,
            one.submitted_at,
        )
        for one in result.hand_ins
        if one.file in honest(layout)
    ]


def graded_alone(layout: str, join: Course) -> Found:
    with TemporaryDirectory() as folder:
        return found(join, placed(Path(folder) / "week-submissions", honest(layout)))


@cache
def expected(layout: str) -> list[Row]:
    """The rows of the three without mallory."""
    with TemporaryDirectory() as folder:
        join = course_of(Path(folder) / "exercises", "join")
        return of_the_honest(layout, graded_alone(layout, join))


@pytest.mark.parametrize("layout", CLASSES)
def test_the_three(layout: str, join: Course) -> None:
    """What is held below is not held of nobody: all three are found."""
    result = graded_alone(layout, join)
    assert len(expected(layout)) == 3
    contents = [one.submission.script.content for one in result.hand_ins]
    assert contents == [b"print(1)\n", b"print(2)\n", b"print(3)\n"]
    assert left(result) == {}
    platform = {"zips": "folders", "moodle-files": "moodle", "github": "github-classroom"}
    assert result.platform.name == platform.get(layout, layout)


MARKS = [
    "Ada_1_assignsubmission_file_join.py",
    "ada_1_9001_join.py",
    f"Week 3_ada_{TIME}_join.py",
    f"ada_{TIME}_join.py",
    f"x_ada_{TIME}.txt",
    "submission_1/join.py",
    "submission_metadata.yml",
    "week-ada/join.py",
    "week-submissions/week-ada/join.py",
    "overrides.csv",
    "pyvenv.cfg",
    "course.yaml",
    "ada.py",
]
"""Names that mean something on some platform, at the top level of its download."""


@pytest.mark.parametrize("layout", CLASSES)
def test_marks_of_other_platforms(layout: str, tmp_path: Path, join: Course) -> None:
    """What one student calls his files, and be it ten of them, changes nobody else's row."""
    prefix = CLASSES[layout].format("mallory", "4")
    forged = METADATA.format("1", "mallory", "s4") + METADATA.format("4", "ada", "s1")
    files: dict[str, str | bytes] = {
        f"{prefix}{copy}{name}": forged
        for name in MARKS
        for copy in ("", *(f"{number}_" for number in range(10)))
    }
    together = placed(tmp_path / "week-submissions", {**honest(layout), **files})
    assert of_the_honest(layout, found(join, together)) == expected(layout)


def test_an_upload_called_like_a_download(tmp_path: Path, join: Course) -> None:
    """Blackboard: the first time in a name is the platform's, what follows is the student's."""
    upload = f"Week 3_mallory_{TIME}_ada_attempt_2026-04-01-10-00-00_join.py"
    folder = write(tmp_path / "in", [f"Week 3_ada_{TIME}_join.py", upload])
    assert who(found(join, folder)) == {
        "ada ada join": f"Week 3_ada_{TIME}_join.py",
        "mallory mallory join": upload,
    }


def test_user_names_with_an_underscore(tmp_path: Path, join: Course) -> None:
    """Blackboard: a receipt tells where the user's name begins."""
    files: dict[str, str | bytes] = {}
    for user in ("de_la", "bo_la"):
        files[f"Week 3_{user}_{TIME}_join.py"] = "print()\n"
        files[f"Week 3_{user}_{TIME}.txt"] = f"Name: Any ({user})\n"
    assert set(who(found(join, write(tmp_path / "in", files)))) == {
        "de_la Any join",
        "bo_la Any join",
    }


def test_a_receipts_free_text(tmp_path: Path, join: Course) -> None:
    """Blackboard: only the first line of a receipt, and only of the student's own, is believed."""
    receipt = "Name: Mallory (mallory)\nSubmission Field:\nName: Fool (ada)\n"
    folder = write(
        tmp_path / "in",
        {
            f"Week 3_ada_{TIME}_join.py": "",
            f"Week 3_mallory_{TIME}_join.py": "",
            f"Week 3_mallory_{TIME}.txt": receipt,
            f"Week 3_bo_{TIME}_join.py": "",
            f"Week 3_bo_{TIME}.txt": "Name: Fool (ada)\n",
        },
    )
    assert set(who(found(join, folder))) == {
        "ada ada join",
        "bo bo join",
        "mallory Mallory join",
    }


def test_a_script_among_other_exercises(tmp_path: Path) -> None:
    """What one student calls his script does not change whether another's is graded."""
    course_of(tmp_path / "exercises", "join", "start")
    course = course_of(tmp_path / "exercises", "join")
    folder = write(tmp_path / "in", ["ada/homework.py", "bo/start.py"])
    alone = who(found(course, folder))
    assert set(alone) == {"ada ada join"}
    write(folder, ["mallory/join.py"])
    together = who(found(course, folder))
    del together["mallory mallory join"]
    assert together == alone


def test_anothers_module(tmp_path: Path, join: Course) -> None:
    """A script imports no other student's file, though it lies in the same folder."""
    folder = write(tmp_path / "in", {"ada.py": "print(1)\n", "mallory.py": "import ada\n"})
    _, mallory = found(join, folder).hand_ins
    assert [file.name for file in mallory.submission.files] == ["mallory.py"]


def test_an_environments_mark(tmp_path: Path, join: Course) -> None:
    """A ``pyvenv.cfg`` makes nobody vanish; what belongs to an environment is left out."""
    folder = write(
        tmp_path / "in",
        [
            "ada/pyvenv.cfg",
            "ada/join.py",
            "bo/pyvenv.cfg",
            "cy/venv/pyvenv.cfg",
            "cy/venv/bin/activate_this.py",
            "cy/homework.py",
        ],
    )
    result = found(join, folder)
    assert set(who(result)) == {"ada ada join", "cy cy join"}
    assert left(result) == {"bo/pyvenv.cfg": "bo handed in no Python script, only pyvenv.cfg."}


DATES = ["9999-12-31", "0001-01-01", "2026-02-30", "2026-13-45", "99999999"]


@pytest.mark.parametrize("day", DATES)
def test_dates_that_cannot_be(day: str, tmp_path: Path, join: Course) -> None:
    """An impossible date is none, in a note and in a name: nothing fails."""
    note = METADATA.format("1", "ada", "s1") + f"  :created_at: {day} 23:59:59.000000000 Z\n"
    note += METADATA.format("2", "bo", "s2") + f"  :history: !!python/object:os.system [{day}]\n"
    scope = write(
        tmp_path / "scope",
        {"submission_metadata.yml": note, "submission_1/a.py": "", "submission_2/b.py": ""},
    )
    assert set(who(found(join, scope))) == {"s1 ada join", "s2 bo join"}
    names = [f"W_ada_{TIME}_join.py", f"W_bo_{TIME}_join.py", f"W_eve_attempt_{day}-23-59-59_x.py"]
    board = found(join, write(tmp_path / "board", names))
    assert {"ada ada join", "bo bo join"} <= set(who(board))
    expression = r"(?P<student_id>[a-z]+)-(?P<timestamp>[\d-]+)-(?P<attempt>\d+)"
    files = [f"ada-{day}-1.py", f"bo-2026-01-01-{'9' * 200}.py"]
    regex = found(join, write(tmp_path / "regex", files), students=expression)
    assert set(who(regex)) == {"ada ada join", "bo bo join"}


def test_times() -> None:
    """Times in the spellings of the platforms, and some that no clock shows."""
    assert time_of("2026-03-01 08:00:00.000000000 Z") == time_of("2026-03-01T08:00:00+00:00")
    for text in (None, "", "never", "9999-12-31T23:59:59-12:00", "2026-02-30"):
        assert time_of(text) is None


LONG = "x" * 256


def test_names_in_zip_files(tmp_path: Path, join: Course) -> None:
    """Names that no disk takes, folders without end, a file that is a folder too: whose they are
    is told, and everybody else is graded.
    """
    archive = tmp_path / "in" / "class.zip"
    archive.parent.mkdir()
    folder = "Mallory_4_assignsubmission_file"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr("Ada_1_assignsubmission_file/join.py", "print(1)\n")
        writing.writestr(f"{folder}/{LONG}.py", "")
        writing.writestr(f"{folder}/{'a/' * 1000}join.py", "")
        writing.writestr(f"{folder}/join.py", "print(4)\n")
        writing.writestr(f"{folder}/join.py/x.py", "")
    result = found(join, archive)
    assert who(result) == {
        "1 Ada join": "class.zip/Ada_1_assignsubmission_file/join.py",
        "4 Mallory join": f"class.zip/{folder}/join.py",
    }
    assert {one.student and one.student.name for one in result.unmatched} == {"Mallory"}
    assert not (archive.parent / ".grader").exists()


def test_a_folder_without_end(tmp_path: Path, join: Course) -> None:
    """Folders that are deeper than a path can be are one student's problem."""
    folder = write(tmp_path / "in", ["ada/join.py", "mallory/join.py"])
    inside = os.open(folder / "mallory", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=inside)
        deeper = os.open("deep", os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
    os.close(inside)
    try:
        result = found(join, folder)
    finally:
        remove_folder(folder)  # pytest's own removal recurses
    assert set(who(result)) == {"ada ada join", "mallory mallory join"}
    assert {one.student and one.student.name for one in result.unmatched} == {"mallory"}


def test_a_folder_that_cannot_be_read(
    tmp_path: Path, join: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder without permission is one student's problem."""
    folder = write(tmp_path / "in", ["ada/join.py", "mallory/own/join.py"])

    def scandir(path: Path) -> object:
        if Path(path).name == "own":
            raise PermissionError(13, "Permission denied", str(path))
        return os_scandir(path)

    os_scandir = os.scandir
    monkeypatch.setattr(os, "scandir", scandir)
    result = found(join, folder)
    assert set(who(result)) == {"ada ada join"}
    assert left(result) == {"mallory/own": "It cannot be read: Permission denied."}


def test_what_one_zip_file_holds_too_much(tmp_path: Path, join: Course) -> None:
    """Each student's zip files have a budget of their own."""
    bomb = zipped(tmp_path / "bomb.zip", dict.fromkeys((f"{i}.txt" for i in range(20_001)), ""))
    files: dict[str, str | bytes] = {"Ada_1_assignsubmission_file/join.py": "print(1)\n"}
    files |= {
        f"Mallory_4_assignsubmission_file/{number}.zip": bomb.read_bytes() for number in range(3)
    }
    assert set(who(found(join, zipped(tmp_path / "in" / "class.zip", files)))) == {"1 Ada join"}


@pytest.mark.parametrize(
    "letters", [" ", "_", "1", "_1", "-", "(", "a_", "1_1_", ". ", "Name: ", "_attempt_", "join"]
)
def test_names_are_read_in_a_moment(letters: str, tmp_path: Path, join: Course) -> None:
    """No name and no receipt takes longer than its length: CPU time of the reading."""
    name = (letters * 240)[:240]
    receipt = "Name: " + letters * 100_000
    files = {f"{index}{name}.py": "" for index in range(10)}
    files |= {f"W_ada_{TIME}_{name[:200]}.py": "", f"W_ada_{TIME}.txt": receipt}
    folder = write(tmp_path / "in", files)
    begun = time.process_time()
    found(join, folder)
    assert time.process_time() - begun < 5


# One hostile student among three, whatever he writes

_WORDS = st.sampled_from(
    [
        *MARKS,
        "join",
        "start.py",
        "__init__.py",
        "..",
        "/",
        ".hidden",
        "__MACOSX",
        "(1)",
        "_v9",
        LONG,
        "\N{FULLWIDTH SOLIDUS}",
        "\x1b[2J",
        "\ud800",
        "9999-12-31",
    ]
)
_PARTS = st.one_of(_WORDS, st.text(string.printable + "张\u202e", min_size=1, max_size=8))
_NAMES = st.lists(_PARTS, min_size=1, max_size=4).map(
    lambda parts: "/".join(part.strip("/").replace("\0", "") or "x" for part in parts)
)
_CONTENTS = st.one_of(
    st.sampled_from(["import ada, join\n", "print(4)\n", METADATA.format("1", "mallory", "s4")]),
    st.text(max_size=20),
)
_TREES = st.dictionaries(_NAMES, _CONTENTS, max_size=12)


@pytest.mark.parametrize("layout", CLASSES)
@given(tree=_TREES)
@settings(max_examples=30)
def test_whatever_one_hands_in(layout: str, tree: dict[str, str], join_course: Course) -> None:
    """The other three always have the same rows, of the same programs."""
    prefix = CLASSES[layout].format("mallory", "4")
    with TemporaryDirectory() as name:
        folder = placed(Path(name) / "week-submissions", honest(layout))
        hand_in(folder, prefix, tree)
        assert of_the_honest(layout, found(join_course, folder)) == expected(layout)


@pytest.fixture(scope="module")
def join_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return course_of(tmp_path_factory.mktemp("course") / "exercises", "join")


def hand_in(folder: Path, prefix: str, tree: dict[str, str]) -> None:
    """Put the tree where the platform puts what mallory handed in, as far as a disk takes it."""
    first, _, _ = prefix.partition("/")
    if first.endswith(".zip"):
        with zipfile.ZipFile(folder / first, "w") as archive:
            for name, content in tree.items():
                archive.writestr(
                    name.encode("utf-8", "replace").decode(), content.encode("utf-8", "replace")
                )
        return
    for name, content in tree.items():
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        path = folder / f"{prefix}{'/'.join(parts)}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode("utf-8", "replace"))
        except (OSError, UnicodeError):
            pass


def test_every_platform_is_tried() -> None:
    """A platform that is added is among the classes above."""
    assert {platform.name for platform in platforms()} == {
        "blackboard",
        "canvas",
        "github-classroom",
        "gradescope",
        "moodle",
    }
