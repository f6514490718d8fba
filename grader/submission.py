"""A submission: one script and the modules beside it that it imports."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

LARGEST = 5_000_000
"""Bytes of a script together with its modules: more is no submission."""


class NotItsOwnError(Exception):
    """A module that the script imports is a link that leads out of its folder."""


class TooLargeError(Exception):
    """The script and its modules have more than `LARGEST` bytes."""


@dataclass(frozen=True)
class SourceFile:
    """A file of the submission. ``name`` is relative to the submission's folder."""

    name: str
    content: bytes

    def text(self) -> str:
        """The source as Python reads it: its coding cookie or BOM obeyed, newlines as line feeds.

        Raises:
            SyntaxError: the cookie names no known codec, or the bytes are not in it.
        """
        readline = io.BytesIO(self.content).readline
        encoding, _ = tokenize.detect_encoding(readline)
        try:
            decoded = self.content.decode(encoding)
        except UnicodeDecodeError as error:
            place = (self.name, 1, 0, "")
            raise SyntaxError(f"not valid {encoding}: {error.reason}", place) from error
        return io.IncrementalNewlineDecoder(None, translate=True).decode(decoded, final=True)

    def lines(self) -> list[str]:
        """Its lines, numbered as Python numbers them; as UTF-8 with U+FFFD where Python would
        refuse it.
        """
        try:
            text = self.text()
        except (SyntaxError, UnicodeError, LookupError):
            text = self.content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        return lines[:-1] if lines[-1] == "" else lines

    def tree(self) -> ast.Module:
        """Its syntax tree, by the grader's own interpreter.

        Raises:
            SyntaxError: as Python would.
            ValueError: null bytes (before 3.12).
            RecursionError, MemoryError: nested too deeply.
        """
        return ast.parse(self.content, self.name)


@dataclass(frozen=True)
class Submission:
    """What a student handed in. ``path`` is as it was named to the grader.

    ``files`` begins with the script itself.
    """

    path: Path
    files: tuple[SourceFile, ...]

    @property
    def script(self) -> SourceFile:
        """The student's script; the other files stand beside it."""
        return self.files[0]

    @property
    def sha256(self) -> str:
        """Of the names and contents of all files."""
        digest = hashlib.sha256()
        for file in self.files:
            for part in (file.name.encode("utf-8", "surrogateescape"), file.content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


class Folder(Protocol):
    """The folder that a script lies in. Names are relative to it, with ``/`` between parts."""

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        ...

    def read(self, name: str, most: int) -> bytes:
        """What stands in it, at most so many bytes.

        Raises:
            OSError: it cannot be read.
            NotItsOwnError: it is a link that leads out of the folder.
        """
        ...


class _OnDisk:
    """The folder of a script. That itself may be a link: it was named in the call."""

    def __init__(self, script: Path) -> None:
        self._folder, self._script = script.parent, script.name

    def has(self, name: str) -> bool:
        """Whether there is a regular file of that name in the folder."""
        return (self._folder / name).is_file()

    def read(self, name: str, most: int) -> bytes:
        """The first ``most`` bytes of a file in the folder.

        Raises:
            NotItsOwnError: it is a link to somewhere else.
            OSError: it cannot be read.
        """
        place = self._folder / name
        is_own = place.resolve().is_relative_to(self._folder.resolve())
        if name != self._script and not is_own:
            raise NotItsOwnError(name)
        with place.open("rb") as stream:
            return stream.read(most)


def read_submission(path: Path) -> Submission:
    """Read a script and, transitively, the modules beside it that it imports.

    Raises:
        OSError: the script cannot be read (no such file, a folder, no permission).
        NotItsOwnError: a module is a link that leads out of the folder.
        TooLargeError: it is larger than any script.
    """
    return Submission(path, with_its_modules(path.name, _OnDisk(path)))


def with_its_modules(script: str, folder: Folder) -> tuple[SourceFile, ...]:
    """A script of a folder and, transitively, the modules in it that it imports.

    Raises:
        OSError, NotItsOwnError: as `Folder.read` does.
        TooLargeError: together they are larger than any script.
    """
    files: dict[str, SourceFile] = {}
    waiting = [script]
    room = LARGEST
    while waiting:
        name = waiting.pop(0)
        if name in files:
            continue
        file = files[name] = SourceFile(name, folder.read(name, room + 1))
        room -= len(file.content)
        if room < 0:
            raise TooLargeError(name)
        waiting += _modules_beside(folder, file)
    return tuple(files.values())


def _modules_beside(folder: Folder, file: SourceFile) -> list[str]:
    """The files in ``folder`` that ``file`` imports; none where it does not parse."""
    try:
        tree = file.tree()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    package = PurePosixPath(file.name).parent
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            dotted = [PurePosixPath(*alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = PurePosixPath()
            if node.level:
                base = PurePosixPath(*package.parts[: len(package.parts) + 1 - node.level])
            module = base.joinpath(*(node.module or "").split("."))
            dotted = [module, *(module / alias.name for alias in node.names)]
        else:
            continue
        for module in dotted:
            for parent in reversed([module, *module.parents]):
                for candidate in (
                    parent.with_name(parent.name + ".py") if parent.name else None,
                    parent / "__init__.py",
                ):
                    if candidate is not None and folder.has(str(candidate)):
                        found.append(str(candidate))
    return found
