"""The file system that a run has to itself, place by place, from what it may see.

`grader.sandbox.bubblewrap` has bwrap mount it, `grader.sandbox.mounts` mounts it without.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.sandbox.view import SHARED_MEMORY, View, lies_in

OWN_PLACES = ("/tmp", SHARED_MEMORY)
"""Besides the program's folder, where it can write: empty when a run begins."""
_ABSENT = str(Path(__file__).with_name("absent.py").resolve())


@dataclass(frozen=True)
class Place:
    """What is at a path. ``source``: the file or folder of the machine that is seen there, or
    where a link leads; an empty folder has none.
    """

    path: str
    kind: Literal["empty", "read-only", "writable", "link"]
    source: str = ""


@dataclass(frozen=True)
class Layout:
    """``places`` are in an order in which they can be made: each lies in what was made before it.
    Those in ``sealed`` are empty folders that are read-only once all places are there. ``kept``
    are the entries of `OWN_PLACES` that are places or lead to some.
    """

    places: tuple[Place, ...]
    sealed: tuple[str, ...]
    kept: frozenset[str]


def layout_of(view: View) -> Layout:
    """Where what ``view`` shows is put. Nothing else is there, but for devices and /proc."""
    refused = tuple(os.path.join(path, "__init__.py") for path in view.absent)
    mounted = (*view.readable, *view.shown, *refused, *(link for link, _ in view.links))
    # The folders between `OWN_PLACES` and what is mounted in them. They are read-only mounts too,
    # and so cannot be moved away.
    parents = {str(parent) for path in (*mounted, view.folder) for parent in Path(path).parents}
    between = {path for path in parents for own in OWN_PLACES if _in(path, own)}
    ways = sorted(path for path in between if not lies_in(path, view.readable))
    places = (
        *(Place(path, "empty") for path in ways),
        *(Place(path, "read-only", path) for path in view.readable),
        *(Place(path, "empty") for path in view.hidden),
        *(Place(path, "read-only", path) for path in view.shown),
        *(Place(path, "read-only", _ABSENT) for path in refused),
        *(Place(link, "link", target) for link, target in view.links),
        Place(view.folder, "writable", view.folder),
    )
    inner = (*mounted, view.folder, *ways)
    return Layout(
        places,
        sealed=(*view.hidden, *ways),
        kept=frozenset(
            os.path.join(own, path[len(own) + 1 :].partition("/")[0])
            for path in inner
            for own in OWN_PLACES
            if _in(path, own)
        ),
    )


def _in(path: str, folder: str) -> bool:
    return path.startswith(folder + "/")
