"""Zip files that were made by anybody, on any system, with any intention."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from grader.classroom.discover.archives import Problem, members_of
from tests.classroom.class_folder import SCRIPT, zipped


def unpacked(archive: Path) -> dict[str, str]:
    """Each member with what was read of it, or why nothing was."""
    return {
        str(one.name): zlib.decompress(one.packed).decode()
        if one.packed is not None
        else one.problem.name
        if one.problem
        else ""
        for one in members_of(archive)
    }


def info(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def test_what_is_unpacked(tmp_path: Path) -> None:
    """Scripts are, with their folders; what the grader has no use for is listed by its name."""
    archive = zipped(tmp_path / "a.zip", ["x/join.py", "x/y/tools.py", "essay.pdf"])
    assert unpacked(archive) == {"x/join.py": SCRIPT, "x/y/tools.py": SCRIPT, "essay.pdf": ""}


@pytest.mark.parametrize(
    "name",
    ["../evil.py", "a/../../evil.py", "/evil.py", "C:/evil.py", "..\\evil.py", "\\\\host\\evil.py"],
)
def test_names_that_lead_out(name: str, tmp_path: Path) -> None:
    """No name leads out of the folder, with slashes of either kind; the others are unpacked."""
    archive = zipped(tmp_path / "deep" / "a.zip", {name: "print('evil')", "join.py": SCRIPT})
    result = unpacked(archive)
    assert result.pop("join.py") == SCRIPT
    assert list(result.values()) == ["OUTSIDE"]


def test_links_and_devices(tmp_path: Path) -> None:
    """A member that is a link or a device is not made."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info("link.py", stat.S_IFLNK | 0o777), "/etc/passwd")
        archive.writestr(info("pipe.py", stat.S_IFIFO | 0o666), "")
        archive.writestr(info("join.py", stat.S_IFREG | 0o000), SCRIPT)
    assert unpacked(tmp_path / "a.zip") == {
        "link.py": "LINK",
        "pipe.py": "SPECIAL",
        "join.py": SCRIPT,
    }


def test_zip_files_in_zip_files(tmp_path: Path) -> None:
    """They are folders, down to a depth that nobody needs."""
    inner = zipped(tmp_path / "1.zip", ["deepest.py"])
    for number in (2, 3, 4, 5):
        content = inner.read_bytes()
        inner = zipped(
            tmp_path / f"{number}.zip", {f"{number}.py": SCRIPT, f"{number - 1}.zip": content}
        )
    assert unpacked(inner) == {
        "5.py": SCRIPT,
        "4.zip/4.py": SCRIPT,
        "4.zip/3.zip/3.py": SCRIPT,
        "4.zip/3.zip/2.zip/2.py": SCRIPT,
        "4.zip/3.zip/2.zip/1.zip": "TOO_DEEP",
    }


def test_bombs(tmp_path: Path) -> None:
    """Neither one large member nor very many fill the disk; sizes are counted, not believed."""
    content = b"#" * 1_000_001
    many = zipped(tmp_path / "many.zip", dict.fromkeys((f"{i}.txt" for i in range(20_001)), ""))
    archive = zipped(
        tmp_path / "a.zip",
        {"large.py": content, "many.zip": many.read_bytes(), "join.py": SCRIPT},
    )
    assert unpacked(archive) == {"large.py": "TOO_LARGE", "many.zip": "TOO_MUCH", "join.py": SCRIPT}


def test_a_size_that_is_a_lie(tmp_path: Path) -> None:
    """A member that says that it is small is read no further than is allowed."""
    archive = zipped(tmp_path / "a.zip", {"large.py": b"#" * 3_000_000})
    content = archive.read_bytes().replace((3_000_000).to_bytes(4, "little"), b"\x64\0\0\0")
    archive.write_bytes(content)
    assert unpacked(archive)["large.py"] in ("TOO_LARGE", "BROKEN")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """Damaged and locked ones are listed; the rest is unpacked."""
    locked = zipped(tmp_path / "locked.zip", ["secret.py"]).read_bytes()
    locked = locked.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\x01\0")
    locked = locked.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\x01\0")
    archive = zipped(
        tmp_path / "a.zip",
        {"locked.zip": locked, "not.zip": "hello", "empty.zip": "", "join.py": SCRIPT},
    )
    assert unpacked(archive) == {
        "locked.zip/secret.py": "ENCRYPTED",
        "not.zip": "BROKEN",
        "empty.zip": "BROKEN",
        "join.py": SCRIPT,
    }


@pytest.mark.parametrize(
    "packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_member(packed: int, tmp_path: Path) -> None:
    """However it was packed, a member that is damaged stops nothing: the others are read."""
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", packed) as writing:
        writing.writestr("bad.py", "import os  # and so on\n" * 9)
        writing.writestr("good.py", "import sys\n")
        begins = writing.getinfo("bad.py").header_offset + 30 + len("bad.py")
    content = bytearray(archive.read_bytes())
    content[begins + 10 : begins + 20] = b"0123456789"
    archive.write_bytes(content)
    assert unpacked(archive) == {"bad.py": "BROKEN", "good.py": "import sys\n"}


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_chinese_names_without_a_mark(encoding: str, tmp_path: Path) -> None:
    """Names without a word on their encoding are read as UTF-8 or as Windows in China packs."""
    raw = "张三/作业.py".encode(encoding)
    place = "n" * len(raw)
    archive = zipped(tmp_path / "a.zip", [place])
    archive.write_bytes(archive.read_bytes().replace(place.encode(), raw))
    assert unpacked(archive) == {"张三/作业.py": SCRIPT}


def test_chinese_names_with_a_mark(tmp_path: Path) -> None:
    """Names that are marked as UTF-8 are."""
    assert unpacked(zipped(tmp_path / "a.zip", ["张三/作业.py"])) == {"张三/作业.py": SCRIPT}


def test_western_names(tmp_path: Path) -> None:
    """Names of the old DOS code page are read as such where nothing else fits."""
    archive = zipped(tmp_path / "a.zip", ["caf_.py"])
    archive.write_bytes(archive.read_bytes().replace(b"caf_.py", b"caf\x82.py"))
    assert unpacked(archive) == {"café.py": SCRIPT}


def test_junk(tmp_path: Path) -> None:
    """What systems add is nobody's work; whose folder has nothing else in it is known."""
    archive = zipped(
        tmp_path / "a.zip",
        ["__MACOSX/._join.py", ".git/hooks/x.py", "a/__pycache__/x.py", ".DS_Store", "join.py"],
    )
    assert unpacked(archive) == {"a/(empty)": "", "join.py": SCRIPT}


def test_the_same_name_twice(tmp_path: Path) -> None:
    """Nothing that was unpacked is overwritten or removed: the first one is read."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("join.py", SCRIPT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("join.py", "print('other')")
    first, second = members_of(tmp_path / "a.zip")
    assert first.packed is not None
    assert zlib.decompress(first.packed).decode() == SCRIPT
    assert (second.packed, second.problem) == (None, Problem.TWICE)


@pytest.mark.parametrize("problem", list(Problem))
def test_every_problem_is_told(problem: Problem) -> None:
    """Each is one sentence or two, in both languages."""
    assert problem.text.in_language("en").endswith(".")
