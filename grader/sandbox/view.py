"""What a program may see of the file system: the system, its interpreter, and its own folder.

Everything else is left out: the exercises, the solutions, other submissions, the homes of the
machine's users, and the grader itself but for its probe.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

SHARED_MEMORY = "/dev/shm"
"""Where the C library makes the files that POSIX semaphores and shared memory are."""
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/nix/store", "/gnu/store", "/home/linuxbrew/.linuxbrew", "/sys/devices/system/cpu"),
)
"""Programs and libraries, also where package managers of another kind put them."""
_CONFIGURATION = (
    *("ld.so.cache", "passwd", "group", "nsswitch.conf", "hosts", "host.conf", "gai.conf"),
    *("localtime", "timezone", "services", "protocols", "mime.types", "alternatives"),
    *("ssl/openssl.cnf", "pki/tls/openssl.cnf", "crypto-policies/back-ends/opensslcnf.config"),
)
"""What of /etc the C library and Python itself read."""
_OF_A_PREFIX = ("bin", "lib", "lib64", "pyvenv.cfg")
_PACKAGE = Path(__file__).resolve().parents[1]
_MOST_LINKS = 40


@dataclass(frozen=True)
class View:
    """Paths of ``readable`` and ``hidden`` lead through no links; ``links`` are made where they
    are missing: (where it is, where it leads). What is ``hidden`` lies beneath what is readable,
    ``shown`` beneath either. ``absent`` are the packages among these that are not to be imported.
    ``folder`` is the program's own, to write in, ``shared_memory`` the one where its semaphores and
    its shared memory lie, which are files.
    """

    folder: str
    shared_memory: str
    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    shown: tuple[str, ...]
    absent: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


def view_of(
    interpreter: str, folder: str, shown: Iterable[str] = (), shared_memory: str = SHARED_MEMORY
) -> View:
    """What a script sees that this interpreter runs in that folder. ``shown``: read as well."""
    around = system_view(interpreter)
    read_too = tuple(os.path.realpath(each) for each in shown)
    on_the_way = any(lies_in(each, [str(_PACKAGE)]) for each in read_too)
    absent = {*around.hidden, *([str(_PACKAGE)] if on_the_way else [])}
    return replace(
        around,
        folder=os.path.realpath(folder),
        shared_memory=shared_memory,
        shown=read_too,
        absent=tuple(sorted(absent)),
    )


@cache
def system_view(interpreter: str) -> View:
    """What any script sees that this interpreter runs. Found out once: it takes a while."""
    prefixes = _prefixes(interpreter)
    configuration = (os.path.join("/etc", name) for name in _CONFIGURATION)
    pythons = map(str, Path("/etc").glob("python3*"))
    wanted = [*_SYSTEM, *configuration, *pythons, interpreter]
    wanted += [os.path.join(prefix, part) for prefix in prefixes for part in _OF_A_PREFIX]
    links: dict[str, str] = {}
    real = [path for path in (_resolved(each, links) for each in wanted) if path is not None]
    readable = _without_inner(real)
    hidden = [str(_PACKAGE), *_installed({*prefixes, "/usr", "/usr/local"})]
    return View(
        folder="",
        shared_memory=SHARED_MEMORY,
        readable=readable,
        hidden=tuple(each for each in dict.fromkeys(hidden) if lies_in(each, readable)),
        shown=(),
        absent=(),
        links=tuple(
            (link, target) for link, target in links.items() if not lies_in(link, readable)
        ),
    )


def _prefixes(interpreter: str) -> tuple[str, ...]:
    """Where the interpreter's own files lie: beside each link to it, and where a virtual
    environment says that it comes from.
    """
    links: dict[str, str] = {}
    real = _resolved(interpreter, links)
    programs = [interpreter, *links, *([] if real is None else [real])]
    found: dict[str, None] = {}
    for program in programs:
        prefix = os.path.dirname(os.path.dirname(program))
        for each in (prefix, *_home_of(prefix)):
            if any(Path(each).glob("lib*/python3*")):
                found[each] = None
    return tuple(found)


def _home_of(prefix: str) -> tuple[str, ...]:
    """The prefix from which a virtual environment was made (PEP 405)."""
    try:
        lines = Path(prefix, "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    keys = (line.partition("=") for line in lines)
    return tuple(os.path.dirname(value.strip()) for key, _, value in keys if key.strip() == "home")


def _installed(prefixes: Iterable[str]) -> tuple[str, ...]:
    """Copies of the grader among the packages of an interpreter."""
    return tuple(
        os.path.realpath(path)
        for prefix in sorted(prefixes)
        for path in Path(prefix).glob("lib*/python3*/*-packages/grader")
    )


def _resolved(path: str, links: dict[str, str]) -> str | None:
    """The path without links, and into ``links`` those that were on the way (None: not there)."""
    done, left = "/", path.strip("/").split("/")
    followed = 0
    while left:
        part = left.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            done = os.path.dirname(done)
            continue
        here = os.path.join(done, part)
        try:
            target = os.readlink(here)
        except FileNotFoundError:
            return None
        except OSError:
            done = here
            continue
        followed += 1
        if followed > _MOST_LINKS:
            return None
        links[here] = target
        done = "/" if target.startswith("/") else done
        left = [*target.split("/"), *left]
    return done if os.path.exists(done) else None


def _without_inner(paths: Iterable[str]) -> tuple[str, ...]:
    """Those that do not lie within another one."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not lies_in(path, kept):
            kept.append(path)
    return tuple(kept)


def lies_in(path: str, trees: Iterable[str]) -> bool:
    """Whether it is one of these paths or beneath one."""
    return any(path == tree or path.startswith(tree.rstrip("/") + "/") for tree in trees)
