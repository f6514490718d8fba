"""What the kernel counts for each user, all processes together, and of which each run has a share.

Beyond the user's limit it refuses whoever comes next, or gives less: new pipes hold 8 KB in place
of 64 (pipe(7)). So that no submission is treated otherwise for what another one has taken, none
can take so much.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.limits import Limits
from grader.supervisor.in_flight import InFlight
from grader.supervisor.tree import Tree

MOST_FIFOS = 16
"""That are made in a run, for nobody sees who opens them."""
MOST_WATCHES = 8192
"""Descriptors that epolls watch: on a machine of 1 GB sixteen runs take half of what the user may
have (/proc/sys/fs/epoll/max_user_watches)."""
OTHERS_WAIT_S, WAITS_FOR_OTHERS = 0.005, 2000
"""Ten seconds of the real clock, where the kernel gives a run less than its share because of
others: whoever takes more than its own is stopped well before."""
_MORE_PIPES = 44
_EPOLL = "anon_inode:[eventpoll]"


@dataclass
class Share:
    """So many of a thing. What is given up is not seen: they are counted when that matters."""

    most: int
    count: Callable[[], int]
    """How many there are."""
    taken: int = 0
    """There can be so many."""

    def take(self) -> bool:
        """Whether there is room for one more. Then it is counted."""
        if self.taken >= self.most:
            self.taken = min(self.taken, self.count())
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True


def most_pipes(limits: Limits) -> int:
    """A process that multiprocessing forks has two. By default three runs can have so many at once
    until the user's new pipes are small (/proc/sys/fs/pipe-user-pages-soft).
    """
    return 2 * limits.processes + _MORE_PIPES


@dataclass
class Shares:
    """Those of a run."""

    limits: Limits
    tree: Tree
    in_flight: InFlight
    pipes: Share = field(init=False)
    fifos: Share = field(init=False)
    watches: Share = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is taken yet."""

        def pipes() -> int:
            """Those that processes hold, and those that can be in flight."""
            held = {target for _, target in self._open() if target.startswith("pipe:")}
            return len(held) + self.in_flight.at_most

        self.pipes = Share(most_pipes(self.limits), pipes)
        self.fifos = Share(MOST_FIFOS, lambda: MOST_FIFOS)
        self.watches = Share(MOST_WATCHES, self._watches)

    def _watches(self) -> int:
        """An epoll that is in flight is not seen: then there can be as many as before."""
        if self.in_flight.at_most and self.in_flight.recount():
            return self.watches.taken
        epolls = [path for path, target in self._open() if target == _EPOLL]
        return sum(_watched(path) for path in epolls)

    def _open(self) -> Iterator[tuple[str, str]]:
        """Each descriptor of each process, as a path in /proc, and what it leads to."""
        for process in self.tree:
            folder = f"/proc/{process.pid}/fd"
            try:
                names = os.listdir(folder)
            except OSError:
                continue  # it is gone
            for name in names:
                try:
                    yield f"/proc/{process.pid}/fdinfo/{name}", os.readlink(f"{folder}/{name}")
                except OSError:
                    continue  # closed meanwhile


def _watched(path: str) -> int:
    """How many descriptors an epoll watches (proc_pid_fdinfo(5))."""
    try:
        return Path(path).read_bytes().count(b"tfd:")
    except OSError:
        return 0  # closed meanwhile
