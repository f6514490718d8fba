"""Descriptors in flight: sent to a Unix socket (SCM_RIGHTS, unix(7)) and not yet received.

The kernel counts them for each user. When there are more than a process may have open files, it
refuses every process of that user that sends one (too_many_unix_fds, net/unix). So that no
submission is refused for what another one does, each has a share.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.supervisor import procfs
from grader.supervisor.kernel_memory import filled_unix_sockets
from grader.supervisor.tree import TracedThread, Tree
from grader.trace import Nanoseconds

MOST_IN_FLIGHT = 56
"""Of all processes of a run together: sixteen runs at once leave more than a hundred of the 1,024
to whatever else the user has. multiprocessing sends four or five to start a process by a fork
server.
"""
_COUNTED_AGAIN_AFTER: Nanoseconds = 20_000_000
"""On the submission's clock, where somebody has waited in vain: to count takes some microseconds
for each descriptor that a process holds.
"""


@dataclass
class InFlight:
    """Those of one run. Who receives them is not watched: they are counted where that matters."""

    tree: Tree
    has_own_network: bool
    """All Unix sockets that are to be seen are the submission's."""
    at_most: int = 0
    """There can be so many."""
    sending: dict[TracedThread, int] = field(default_factory=dict)
    """How many of them a thread may not have sent yet."""
    waited_in_vain: bool = False
    """Somebody has waited for room, and since then there was none."""
    _counted_at: Nanoseconds = 0
    """When it was last counted for a thread that had no room."""
    may_exceed: bool = False
    """A message was sent since it was last looked whether there are more than were let pass."""

    def take(self, thread: TracedThread, count: int, now: Nanoseconds) -> bool:
        """Whether there is room for so many more, which a thread is about to send."""
        if self.at_most + count > MOST_IN_FLIGHT:
            if self.waited_in_vain and now - self._counted_at < _COUNTED_AGAIN_AFTER:
                return False
            self._counted_at = now
            self.recount()
        if self.at_most + count > MOST_IN_FLIGHT:
            return False
        self.at_most += count
        self.sending[thread] = count
        self.waited_in_vain = False
        return True

    def settle(self, thread: TracedThread, *, sent: bool) -> None:
        """A thread has sent those for which there was room, or could not."""
        count = self.sending.pop(thread)
        if not sent:
            self.at_most = max(0, self.at_most - count)

    def recount(self) -> int:
        """There can be so many."""
        self.at_most = min(self.at_most, self._count())
        return self.at_most

    def exceed(self) -> bool:
        """Whether there are far more than were let pass: another thread can change a message
        between our look at it and the kernel's.
        """
        asked, self.may_exceed = self.may_exceed, False
        return asked and sum(self._waiting().values()) > 2 * MOST_IN_FLIGHT

    def _count(self) -> int:
        """There can be so many: those in the sockets that processes hold, and those that are just
        being sent. What is in a socket that is itself in flight nobody says.
        """
        waiting = self._waiting()
        if self.has_own_network:
            filled = filled_unix_sockets()
            if filled is not None and not filled <= waiting.keys():
                return self.at_most
        alive = self.tree.threads.values()
        self.sending = {each: count for each, count in self.sending.items() if each in alive}
        return sum(waiting.values()) + sum(self.sending.values())

    def _waiting(self) -> dict[int, int]:
        """Inode of a Unix socket -> how many wait in it."""
        return {
            inode: waiting
            for process in self.tree
            for inode, waiting in procfs.descriptors_in_unix_sockets(process.pid)
        }
