"""Removes what a submission has left in its folder, however deep and whatever its rights.

Nothing runs in the folder any more, so nobody changes it meanwhile.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it. Links are removed, never followed, also where one
    stands in the place of the folder itself.

    Folders may be nested more deeply than a path can be long or a function can call itself:
    they are moved up one by one.

    Raises:
        OSError: it cannot be removed.
    """
    if path.is_symlink() or not path.is_dir():  # put in its place
        path.unlink(missing_ok=True)
        return
    path.chmod(0o700)
    while folders := _remove_files(path):
        for folder in folders:
            _lift(folder, path)
    path.rmdir()


def _remove_files(folder: Path) -> list[Path]:
    """The folders that are left in it."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)
                folders.append(Path(entry.path))
            else:
                os.unlink(entry.path)
    return folders


def _lift(folder: Path, top: Path) -> None:
    """Remove a folder in ``top``; the folders in it are in ``top`` afterwards."""
    while True:
        for inner in _remove_files(folder):
            inner.rename(top / secrets.token_hex(16))
        try:
            folder.rmdir()
            return
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:  # else some were passed over while others went
                raise
