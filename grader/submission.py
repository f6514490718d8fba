"""A submission: a script, the modules beside it that it imports, and the data that it names."""

from __future__ import annotations

import ast
import gc
import hashlib
import io
import os
import sys
import threading
import time
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

LARGEST = 1_000_000
"""Bytes of a script together with its modules: more is no submission. A syntax tree takes up to
900 times as much memory."""
_LARGE = 100_000
"""Bytes of a source of which the syntax tree is large, and may be deeper than a stack is."""
_STACK = 64 * 2**20
"""Bytes, of which only those are taken that are needed. It is enough for the 500,000 levels that
`LARGEST` bytes can hold, on 3.10."""
_RECURSION_LIMIT = 4000
"""CPython 3.10 and 3.11 compile three times as many levels; later ones do not care."""
_LARGE_STACK = threading.Lock()
_PATIENCE_S = 5.0


LARGEST_DATA = 5_000_000
"""Bytes of all data files together: what does not fit is left behind."""
_MOST_DATA, _MOST_BESIDE, _DEEPEST_BESIDE = 200, 1000, 3
"""Files that are taken along, files beside a script that are looked at, and folders around them."""
_LONGEST_NAME, _MOST_NAMES, _MOST_STARS = 100, 200, 4


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
            RecursionError, MemoryError: nested more deeply than Python compiles.
        """
        return _parsed(self.name, self.content)


def _parse_on_large_stack(name: str, content: bytes) -> ast.Module:
    """Read a source that may be nested thousands of levels deep.

    How deep a source Python compiles depends on its version (3,000 levels up to 3.12, 10,000 in
    3.13, what the stack holds in 3.14), and here on how deep the caller is. A thread has a stack
    of its own, on which it begins at the bottom: there all is read that any of them can run.
    Python 3.10 counts no levels when it makes the tree, and needs about 100 bytes for each.
    """
    results: list[ast.Module] = []
    errors: list[Exception] = []

    def run() -> None:
        """Keep the tree, or what prevented it."""
        try:
            results.append(ast.parse(content, name))
        except Exception as error:
            errors.append(error)

    with _LARGE_STACK:
        stack_size, recursion_limit = threading.stack_size(_STACK), sys.getrecursionlimit()
        try:
            sys.setrecursionlimit(max(recursion_limit, _RECURSION_LIMIT))
            thread = threading.Thread(target=run)
            _start(thread)
            thread.join()
        finally:
            sys.setrecursionlimit(recursion_limit)
            threading.stack_size(stack_size)
    if errors:
        raise errors[0]
    return results[0]


def _start(thread: threading.Thread) -> None:
    """Start a thread, of which there was one before: up to 3.12 that may still hold its stack when
    it was waited for, and where address space is short there is no room for two.
    """
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return thread.start()
        except RuntimeError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


@lru_cache(maxsize=1)
def _parsed(name: str, content: bytes) -> ast.Module:
    """Kept because whoever reads a submission, refuses it and looks at its code needs it. The
    garbage collector would go through a large tree again and again, in vain.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        if len(content) > _LARGE:
            tree = _parse_on_large_stack(name, content)
            gc.freeze()
            return tree
        try:
            return ast.parse(content, name)
        except RecursionError:
            return _parse_on_large_stack(name, content)
    finally:
        if was_enabled:
            gc.enable()


@dataclass(frozen=True)
class Submission:
    """What a student handed in. ``path`` is as it was named to the grader.

    ``files`` begins with the script itself; the others are modules. ``data`` are files that lie
    there, too, when it runs. ``left_behind`` are the names of others that were beside it.
    """

    path: Path
    files: tuple[SourceFile, ...]
    data: tuple[SourceFile, ...] = ()
    left_behind: tuple[str, ...] = ()

    @property
    def script(self) -> SourceFile:
        """The student's script; the other files stand beside it."""
        return self.files[0]

    @property
    def sha256(self) -> str:
        """Of the names and contents of all files."""
        digest = hashlib.sha256()
        for file in (*self.files, *self.data):
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

    def beside(self) -> Iterable[str]:
        """The names of its files, those in folders of it among them, as far as they are of use."""
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

    def beside(self) -> Iterator[str]:
        """Nothing that is hidden, and no links."""
        found = 0
        for folder, folders, files in os.walk(self._folder):
            around = Path(folder).relative_to(self._folder)
            folders[:] = [each for each in folders if each[0] not in "._"]
            if len(around.parts) >= _DEEPEST_BESIDE:
                folders.clear()
            for name in files:
                if name[0] != "." and not os.path.islink(os.path.join(folder, name)):
                    yield (around / name).as_posix()
                    found += 1
                if found >= _MOST_BESIDE:
                    return


def read_submission(path: Path) -> Submission:
    """Read a script and, transitively, the modules beside it that it imports.

    Raises:
        OSError: the script cannot be read (no such file, a folder, no permission).
        NotItsOwnError: a module is a link that leads out of the folder.
        TooLargeError: it is larger than any script.
    """
    folder = _OnDisk(path)
    files = with_its_modules(path.name, folder)
    return Submission(path, files, *data_beside(files, folder))


def data_beside(
    files: tuple[SourceFile, ...], folder: Folder
) -> tuple[tuple[SourceFile, ...], tuple[str, ...]]:
    """The files of the folder that the code names, and the names of those that are left behind:
    others, and what is too large or cannot be read.

    Code names a file by a text with its name, with that of a folder around it, or with a pattern
    such as ``*.txt``, for which the holes of an f-string count, too.
    """
    own = {file.name for file in files}
    others = [name for name in folder.beside() if name not in own]
    if not others:
        return (), ()
    texts = list(dict.fromkeys(text for file in files for text in _texts(file)))[:_MOST_NAMES]
    data: list[SourceFile] = []
    room = LARGEST_DATA
    for name in sorted(others):
        if len(data) == _MOST_DATA or not _is_named(PurePosixPath(name), texts):
            continue
        try:
            content = folder.read(name, room + 1)
        except (OSError, NotItsOwnError):
            continue
        if len(content) <= room:
            room -= len(content)
            data.append(SourceFile(name, content))
    taken = {file.name for file in data}
    return tuple(data), tuple(name for name in others if name not in taken)


def _texts(file: SourceFile) -> Iterator[str]:
    """What could be the name of a file, or a pattern of such names, in a file's code."""
    try:
        tree = file.tree()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
            )
        text = text.replace("\\", "/").removeprefix("./").rstrip("/")
        is_name = any(map(str.isalnum, text)) and text.isprintable()
        if is_name and len(text) <= _LONGEST_NAME and text.count("*") <= _MOST_STARS:
            yield text


def _is_named(name: PurePosixPath, texts: Iterable[str]) -> bool:
    """Whether one of the texts is the name of this file or of a folder around it, or fits it."""
    names = {str(name), name.name, *map(str, name.parents[:-1])}
    return any(text in names or fnmatchcase(str(name), text) for text in texts)


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
    for node in _statements(tree):
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


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Each statement, and what holds some, from the root down. Expressions hold none."""
    waiting: list[ast.AST] = [tree]
    for node in waiting:
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inside = getattr(node, field, ())
            waiting += inside if isinstance(inside, list) else ()
