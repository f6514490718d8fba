"""What a submission has left is removed, whatever it did to keep it."""

from __future__ import annotations

import os
from pathlib import Path

from grader.sandbox.removal import remove_folder


def test_a_folder_that_is_deeper_than_a_path_is_long(tmp_path: Path):
    """Two thousand levels with long names: no path leads to the last one."""
    folder = tmp_path / "folder"
    folder.mkdir()
    place = os.open(folder, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("d" * 200, dir_fd=place)
        inner = os.open("d" * 200, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    remove_folder(folder)
    assert not folder.exists()


def test_rights_that_were_taken_away(tmp_path: Path):
    """Neither to read, nor to write, nor to enter."""
    deepest = tmp_path / "folder" / "a" / "b" / "c"
    deepest.mkdir(parents=True)
    for name in ("file", "other"):
        (deepest / name).write_text("x")
        (deepest / name).chmod(0)
    for place in (deepest, *list(deepest.parents)[:3]):
        place.chmod(0)
    remove_folder(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_links_are_not_followed(tmp_path: Path):
    """What a link leads to is not the submission's."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").write_text("x")
    folder = tmp_path / "folder" / "inner"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "folder" / "dangling").symlink_to("nowhere")
    remove_folder(tmp_path / "folder")
    assert (tmp_path / "outside" / "kept").exists()
    assert not (tmp_path / "folder").exists()


def test_all_kinds_of_entries(tmp_path: Path):
    """Named pipes, names that are no text, and many of them."""
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    os.mkdir(os.fsencode(folder) + b"/\xff\n")
    for number in range(3000):
        (folder / str(number)).touch()
    remove_folder(folder)
    assert not folder.exists()


def test_a_link_in_the_place_of_the_folder(tmp_path: Path):
    """What it leads to is not what was to be removed; nor is there anything to do for nothing."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "kept").write_text("x")
    (tmp_path / "folder").symlink_to("home")
    remove_folder(tmp_path / "folder")
    remove_folder(tmp_path / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert (tmp_path / "home" / "kept").exists()
