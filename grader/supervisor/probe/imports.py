"""What the probe has to do with imports, of which the script is to notice nothing: it watches them,
does beforehand what every copy of the interpreter would have to do, and leaves none of its own.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep

_EXEC_MODULE = """
def exec_module(self, module):
    code = _compiled.get(self.path)
    if code is None:
        original(self, module)
    else:
        _call_with_frames_removed(exec, code, module.__dict__)
    imported(module)
"""
_compiled: dict[str, object] = {}
"""The code of some of the library's modules, by their paths: read once, and not in each copy."""


def watch_imports(changes: dict[str, Callable[[Any], None]]) -> None:
    """Call a function with each of these modules of the standard library when it has been imported.

    Python takes the frames of its import system out of tracebacks, and the one that is added here
    with them: it tells them by the name of their file (Python/import.c, remove_importlib_frames).
    """

    def imported(module: Any) -> None:
        """Change it if it is one of them."""
        change = changes.get(module.__name__)
        if change is not None and module.__spec__.origin.startswith(_STANDARD_LIBRARY):
            change(module)

    loader = sys.modules["_frozen_importlib_external"].SourceFileLoader
    scope = {"original": loader.exec_module, "imported": imported, "_compiled": _compiled}
    scope["_call_with_frames_removed"] = sys.modules["_frozen_importlib"]._call_with_frames_removed
    exec(compile(_EXEC_MODULE, "<frozen importlib._bootstrap_external>", "exec"), scope)
    loader.exec_module = scope["exec_module"]


def borrowed(name: str) -> Any:
    """A module for the probe's own use, of which the script does not see that it was imported."""
    before = set(sys.modules)
    module = __import__(name)
    for added in set(sys.modules) - before:
        del sys.modules[added]
    return module


def run_shadowed_sitecustomize() -> bool:
    """Put the sitecustomize that this one was found before in its place. Whether there is one."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    found = PathFinder.find_spec("sitecustomize", sys.path)
    if found is None or found.loader is None:
        return False
    sys.modules["sitecustomize"] = module = module_from_spec(found)
    found.loader.exec_module(module)
    return True


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


def import_ahead(script: str) -> None:
    """Do the imports with which the script begins, as it would, and read what the start of a
    process will import. The interpreter is copied for each run, and need not do that in each.

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
            _read_ahead(name)
        borrowed("subprocess")  # loads the libraries in C that it needs


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


def _read_ahead(name: str) -> None:
    """Read the code of a module that the start of a process will import."""
    from _frozen_importlib_external import PathFinder

    package = sys.modules.get(name.rpartition(".")[0])
    found = PathFinder.find_spec(name, None if package is None else package.__path__)
    loader: Any = None if found is None else found.loader
    if found is not None and found.origin is not None and hasattr(loader, "get_code"):
        _compiled[found.origin] = loader.get_code(name)
