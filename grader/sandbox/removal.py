"""Removes what a submission has left in its folder, however deep and whatever its rights.

Nothing runs in the folder any more, so nobody changes it meanwhile.
"""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_folder(path: Path) -> None:
    """Remove a folder with all that is in it. Links are removed, never followed.

    Folders may be nested more deeply than a path can be long or a function can call itself:
    they are moved up one by one.

    Raises:
        OSError: it cannot be removed.
    """
    path.chmod(0o700)
    top = os.open(path, _FOLDER)
    try:
        while names := _remove_files(top):
            for name in names:
                _lift(name, top)
    finally:
        os.close(top)
    path.rmdir()


def _remove_files(folder: int) -> list[str]:
    """The names of the folders that are left in it."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.name, 0o700, dir_fd=folder)
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders


def _lift(name: str, top: int) -> None:
    """Remove a folder in ``top``; the folders in it are in ``top`` afterwards."""
    inner = os.open(name, _FOLDER, dir_fd=top)
    try:
        while True:
            for folder in _remove_files(inner):
                lifted = secrets.token_hex(16)
                os.rename(folder, lifted, src_dir_fd=inner, dst_dir_fd=top)
            try:
                os.rmdir(name, dir_fd=top)
                return
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:  # else some were passed over while others went
                    raise
    finally:
        os.close(inner)
