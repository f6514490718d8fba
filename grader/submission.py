"""A submission: one script and the modules beside it that it imports."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


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


def read_submission(path: Path) -> Submission:
    """Read a script and, transitively, the modules beside it that it imports.

    Raises:
        OSError: the script cannot be read (no such file, a folder, no permission).
    """
    files: dict[str, SourceFile] = {}
    waiting = [path.name]
    while waiting:
        name = waiting.pop(0)
        if name in files:
            continue
        file = files[name] = SourceFile(name, (path.parent / name).read_bytes())
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
