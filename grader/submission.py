"""A submission: one script and the modules beside it that it imports."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import re
import tokenize
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

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
        return self.files[0]

    @property
    def sha256(self) -> str:
        """Of the names and contents of all files."""
        digest = hashlib.sha256()
        for file in self.files:
            for part in (file.name.encode("utf-8", "surrogateescape"), file.content):
                digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


_WORD = re.compile(r"\w+")
_COOKIE = re.compile(rb"coding[:=][ \t]*([-\w.]+)")


class NamesBeside:
    """What modules beside scripts can be called. Each folder is looked at once: what comes into
    it later is seen by another object only.

    Parsing takes far longer than looking for a name, and most scripts mention no file beside them.
    """

    def __init__(self) -> None:
        self._in: dict[Path, frozenset[str] | None] = {}

    def may_be_imported(self, folder: Path, file: SourceFile) -> bool:
        """False only if ``file``, a script in ``folder``, surely imports nothing from there."""
        if folder not in self._in:
            self._in[folder] = _module_names(folder)
        names = self._in[folder]
        if names is None or not _is_utf8(file.content):
            return True
        try:
            text = file.content.decode()
        except UnicodeDecodeError:
            return True
        return not names.isdisjoint(_words(text))


def _words(text: str) -> list[str]:
    """As Python reads names, and in lower case: not every file system tells cases apart."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def _module_names(folder: Path) -> frozenset[str] | None:
    """The first words of all module names. None: anything can be imported."""
    try:
        names = os.listdir(folder)
    except OSError:  # it may be searched and not read
        return None
    if "__init__.py" in map(str.lower, names):  # every import statement would take it along
        return None
    return frozenset(word for name in names for word in _words(name)[:1])


def _is_utf8(content: bytes) -> bool:
    """No cookie in its first two lines says anything else."""
    cookies = _COOKIE.findall(b"".join(content.split(b"\n", 2)[:2]))
    return all(cookie.lower() in (b"utf-8", b"utf8") for cookie in cookies)


def read_submission(path: Path, beside: NamesBeside | None = None) -> Submission:
    """Read a script and, transitively, the modules beside it that it imports.

    Args:
        path: the script.
        beside: what is known of its folder, where many scripts are read at once.

    Raises:
        OSError: the script cannot be read (no such file, a folder, no permission).
        NotItsOwnError: it reaches for a file of somebody else.
        TooLargeError: it is larger than any script.
    """
    files: dict[str, SourceFile] = {}
    waiting = [path.name]
    room = LARGEST
    while waiting:
        name = waiting.pop(0)
        if name in files:
            continue
        place = path.parent / name
        if files and not place.resolve().is_relative_to(path.parent.resolve()):
            raise NotItsOwnError(name)
        with place.open("rb") as stream:
            file = files[name] = SourceFile(name, stream.read(room + 1))
        room -= len(file.content)
        if room < 0:
            raise TooLargeError(name)
        if len(files) > 1 or beside is None or beside.may_be_imported(path.parent, file):
            waiting += _modules_beside(path.parent, file)
    return Submission(path, tuple(files.values()))


def _modules_beside(folder: Path, file: SourceFile) -> list[str]:
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
                    if candidate is not None and (folder / candidate).is_file():
                        found.append(str(candidate))
    return found
