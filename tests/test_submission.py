"""A submission: one script, and the modules beside it that it imports."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission import (
    _LARGE,
    LARGEST,
    NotItsOwnError,
    SourceFile,
    Submission,
    TooLargeError,
    read_submission,
)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def names(folder: Path, script: str = "student.py") -> list[str]:
    return [file.name for file in read_submission(folder / script).files]


def test_a_script_alone(tmp_path: Path):
    """What it does not import is not part of it."""
    write(tmp_path, {"student.py": "import os\nprint(1)", "other.py": "", "notes.txt": ""})
    assert names(tmp_path) == ["student.py"]


HERE = {
    "names.txt": "Anna",
    "data/one.json": "1",
    "data/two.json": "2",
    "part-1.csv": "a",
    "part-2.csv": "b",
    "marks.csv": "secret",
    ".hidden": "x",
}


@pytest.mark.parametrize(
    ("code", "taken"),
    [
        ("print(1)", []),
        ("open('names.txt')", ["names.txt"]),
        ("open('./names.txt'), open('data\\\\one.json')", ["data/one.json", "names.txt"]),
        ("open(HERE / 'data' / name)", ["data/one.json", "data/two.json"]),
        ("open(os.path.join(FOLDER, 'one.json'))", ["data/one.json"]),
        ("open(f'part-{n}.csv')", ["part-1.csv", "part-2.csv"]),
        ("glob('part-*.csv')", ["part-1.csv", "part-2.csv"]),
        ("open('/etc/passwd'), open('../names.txt'), open(''), print('*')", []),
    ],
)
def test_data_files(tmp_path: Path, code: str, taken: list[str]):
    """What the code names is taken along, and no other file beside it."""
    write(tmp_path, {"student.py": code, **HERE})
    submission = read_submission(tmp_path / "student.py")
    assert [file.name for file in submission.data] == taken
    assert {*taken, *submission.left_behind} == {*HERE} - {".hidden"}


def test_data_files_that_a_module_names(tmp_path: Path):
    """It need not be the script itself."""
    write(tmp_path, {"student.py": "import beside", "beside.py": "N = 'n.txt'", "n.txt": "x"})
    (file,) = read_submission(tmp_path / "student.py").data
    assert (file.name, file.content) == ("n.txt", b"x")


def test_data_that_is_too_large_or_somebody_elses_is_left_behind(tmp_path: Path):
    """The others are taken all the same."""
    write(tmp_path, {"secret.txt": "x", "here/student.py": "'a.txt', 'b.txt', 'c.txt'"})
    write(tmp_path / "here", {"a.txt": "x" * 3_000_000, "b.txt": "x" * 3_000_000})
    (tmp_path / "here" / "c.txt").symlink_to(tmp_path / "secret.txt")
    submission = read_submission(tmp_path / "here" / "student.py")
    assert [file.name for file in submission.data] == ["a.txt"]
    assert submission.left_behind == ("b.txt",)


@pytest.mark.parametrize(
    "statement",
    ["import beside", "import os, beside as b", "from beside import x", "import beside.x"],
)
def test_modules_beside_it(tmp_path: Path, statement: str):
    """Whichever way they are imported, also within a function."""
    write(tmp_path, {"student.py": f"def f():\n    {statement}", "beside.py": ""})
    assert names(tmp_path) == ["student.py", "beside.py"]


def test_packages(tmp_path: Path):
    """A package comes with what leads to the module, and with what that imports itself."""
    write(
        tmp_path,
        {
            "student.py": "from package.inner import deep",
            "package/__init__.py": "",
            "package/inner/__init__.py": "",
            "package/inner/deep.py": "from .. import sibling\nfrom . import cousin",
            "package/sibling.py": "",
            "package/inner/cousin.py": "",
            "package/unused.py": "",
        },
    )
    assert sorted(names(tmp_path)) == [
        "package/__init__.py",
        "package/inner/__init__.py",
        "package/inner/cousin.py",
        "package/inner/deep.py",
        "package/sibling.py",
        "student.py",
    ]


def test_modules_that_import_one_another(tmp_path: Path):
    """Each is read once."""
    write(tmp_path, {"student.py": "import a", "a.py": "import b", "b.py": "import a, student"})
    assert names(tmp_path) == ["student.py", "a.py", "b.py"]


@pytest.mark.parametrize(
    "text", ["import (", "x = '\0'", "(" * 500, "import nothing_of_the_kind", "from .... import x"]
)
def test_a_script_that_is_no_python(tmp_path: Path, text: str):
    """It is a submission all the same, and is told what is wrong when it is graded."""
    (tmp_path / "student.py").write_text(text)
    assert names(tmp_path) == ["student.py"]


def test_what_lies_outside_the_folder_is_not_read(tmp_path: Path):
    """A relative import that leads out of it finds nothing."""
    write(tmp_path, {"secret.py": "", "folder/student.py": "from .. import secret"})
    assert names(tmp_path / "folder") == ["student.py"]


def test_what_cannot_be_read(tmp_path: Path):
    """No such file, and a folder."""
    with pytest.raises(FileNotFoundError):
        read_submission(tmp_path / "student.py")
    with pytest.raises(IsADirectoryError):
        read_submission(tmp_path)


def test_a_module_that_cannot_be_read(tmp_path: Path):
    """A broken link beside the script is no module."""
    write(tmp_path, {"student.py": "import beside"})
    (tmp_path / "beside.py").symlink_to(tmp_path / "nowhere")
    assert names(tmp_path) == ["student.py"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("print('你好')\n".encode(), "print('你好')\n"),
        (b"\xef\xbb\xbfprint(1)\r\nprint(2)\r", "print(1)\nprint(2)\n"),
        ("# coding: gbk\nprint('你好')\n".encode("gbk"), "# coding: gbk\nprint('你好')\n"),
        (b"", ""),
    ],
)
def test_source_as_python_reads_it(content: bytes, text: str):
    """Coding cookies, BOMs and line ends are obeyed."""
    assert SourceFile("student.py", content).text() == text


@pytest.mark.parametrize(
    "content", [b"# coding: no-such\n", b"print('\xff')\n", b"# coding: ascii\n'\xe4'\n"]
)
def test_source_that_python_refuses(content: bytes):
    """The bytes are not in the encoding, or there is no such encoding."""
    with pytest.raises(SyntaxError):
        SourceFile("student.py", content).text()


def test_its_hash():
    """Of names and contents: equal for equal files, another for any change."""
    one = Submission(Path("a"), (SourceFile("s.py", b"x"),))
    assert one.sha256 == Submission(Path("b"), (SourceFile("s.py", b"x"),)).sha256
    assert len(one.sha256) == 64
    others = [
        (SourceFile("t.py", b"x"),),
        (SourceFile("s.py", b"y"),),
        (SourceFile("s.p", b"yx"),),
        (SourceFile("s.py", b"x"), SourceFile("t.py", b"")),
    ]
    digests = {one.sha256, *(Submission(Path("a"), files).sha256 for files in others)}
    assert len(digests) == 5


@given(st.binary(max_size=300))
def test_any_bytes_have_a_text_or_are_refused(content: bytes):
    """Nothing but a SyntaxError comes of bytes that are no source."""
    file = SourceFile("student.py", content)
    try:
        assert isinstance(file.text(), str)
    except SyntaxError:
        return


def test_a_link_out_of_the_folder_is_no_module(tmp_path: Path):
    """A student's folder may hold a link to a solution: it is not followed."""
    write(tmp_path, {"secret.py": "answer = 42", "ada/student.py": "import secret"})
    (tmp_path / "ada" / "secret.py").symlink_to("../secret.py")
    with pytest.raises(NotItsOwnError, match=r"^secret\.py$"):
        names(tmp_path / "ada")


def test_a_link_to_a_folder_outside(tmp_path: Path):
    """Not even when a package leads there."""
    write(tmp_path, {"solutions/join.py": "", "ada/student.py": "import solutions.join"})
    (tmp_path / "ada" / "solutions").symlink_to("../solutions")
    with pytest.raises(NotItsOwnError):
        names(tmp_path / "ada")


def test_a_module_of_a_thousand_gigabytes(tmp_path: Path):
    """It is not read to its end."""
    write(tmp_path, {"student.py": "import large"})
    with (tmp_path / "large.py").open("wb") as large:
        large.truncate(10**12)
    with pytest.raises(TooLargeError):
        names(tmp_path)


def test_five_megabytes_are_enough(tmp_path: Path):
    """All files together."""
    write(tmp_path, {"student.py": "import a, b", "a.py": "#" * (LARGEST - 100), "b.py": "#" * 99})
    with pytest.raises(TooLargeError):
        names(tmp_path)
    write(tmp_path, {"b.py": "#" * 80})
    assert names(tmp_path) == ["student.py", "a.py", "b.py"]


def test_a_large_source_while_memory_is_short_for_a_moment(monkeypatch: pytest.MonkeyPatch):
    """The stack on which the one before was read may not be free yet."""
    start, refusals = threading.Thread.start, iter([True, True])

    def refuse_twice(thread: threading.Thread) -> None:
        if next(refusals, False):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_twice)
    content = b"x = 1\n" * (1 + _LARGE // 6)
    assert len(SourceFile("student.py", content).tree().body) == 1 + _LARGE // 6
