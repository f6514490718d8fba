"""What a script will import, imported or read before it begins. The interpreter is copied for each
run, and need not do that in each. `sitecustomize` takes this module out of ``sys.modules`` again.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_HARMLESS = frozenset(
    "__future__ abc argparse array asyncio atexit bisect calendar codecs collections concurrent "
    "contextlib copy ctypes dataclasses datetime decimal enum errno fractions functools gc glob "
    "hashlib heapq inspect io itertools json logging math multiprocessing numbers operator os "
    "pathlib pickle platform queue random re select selectors shutil signal socket socketserver "
    "statistics string struct subprocess sys tempfile textwrap threading time timeit traceback "
    "types typing uuid warnings weakref".split()
)
"""Modules whose import nobody could notice to have been earlier."""
_IN_IMPORTS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_., ")
_READ_AHEAD = 16_384


def import_ahead(script: str, compiled: dict[str, object]) -> None:
    """Do the imports with which the script begins, as it would, and read what the start of a
    process will import into ``compiled``: the code of modules, by their paths.

    Where something in its folder is called like a module of the library, nothing is done: the
    script is to meet that itself.
    """
    folder = os.path.dirname(os.path.abspath(script))
    if sys.stdlib_module_names & {name.partition(".")[0] for name in os.listdir(folder)}:
        return
    for statement in _first_imports(script):
        try:
            exec(compile(statement, "<ahead>", "exec"), {"__name__": "__main__"})
        except Exception:
            break  # the script will meet the same, and be told
    if "multiprocessing" in sys.modules:
        for name in ("subprocess", "locale", "multiprocessing.util", "multiprocessing.popen_fork"):
            _read_ahead(name, compiled)


def _first_imports(script: str) -> Iterator[bytes]:
    """The lines with which it begins, as long as each imports only what is harmless."""
    with open(script, "rb") as stream:
        *lines, _ = (stream.read(_READ_AHEAD) + b"\n").split(b"\n")
    for line in lines:
        statement = line.partition(b"#")[0].rstrip()
        if not statement:
            continue
        if not statement.startswith((b"import ", b"from ")) or not _IN_IMPORTS.issuperset(
            statement
        ):
            return
        keyword, _, rest = statement.decode().partition(" ")
        names = rest.split()[:1] if keyword == "from" else rest.split(",")
        modules = [name.split()[0] for name in names if name.strip()]
        if not _HARMLESS.issuperset(module.partition(".")[0] for module in modules):
            return
        yield statement


def _read_ahead(name: str, compiled: dict[str, object]) -> None:
    """Read the code of a module that the start of a process will import."""
    from _frozen_importlib_external import PathFinder

    package = sys.modules.get(name.rpartition(".")[0])
    found = PathFinder.find_spec(name, None if package is None else package.__path__)
    loader: Any = None if found is None else found.loader
    if found is not None and found.origin is not None and hasattr(loader, "get_code"):
        compiled[found.origin] = loader.get_code(name)
