"""Every run has its own TCP ports on this machine: what the submission calls 8080 is another one.

So runs at the same time, other servers, and connections of the run before that are not quite gone
do not get in the way. It says nothing of that: it is told the ports that it asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST, LAST = 1024, 21_023
"""What the submission may call a port that is moved. Others, 0 above all, stay what they are."""
BASE = 10_000
"""Where such ports really lie, up to 29,999: no system gives those out where any will do."""
_COUNT = LAST - FIRST + 1
_OWN_HOSTS = frozenset({"", "localhost", "0.0.0.0", "::", "::1"})


class Ports:
    """The ports of a run: those that are meant, moved by its ``shift``."""

    def __init__(self, shift: int) -> None:
        self._shift = shift

    def outward(self, port: int) -> int:
        """The real one of a port that the submission means."""
        return BASE + (port - FIRST + self._shift) % _COUNT if FIRST <= port <= LAST else port

    def inward(self, port: int) -> int:
        """What the submission calls a real port."""
        if not BASE <= port < BASE + _COUNT:
            return port
        return FIRST + (port - BASE - self._shift) % _COUNT

    def address_outward(self, address: Any) -> Any:
        """The real address of one on this machine; any other stays what it is."""
        if not isinstance(address, tuple) or len(address) < 2:
            return address
        host, port, *others = address
        is_own = isinstance(host, str) and (host in _OWN_HOSTS or host.startswith("127."))
        if not is_own or not isinstance(port, int):
            return address
        return (host, self.outward(port), *others)

    def address_inward(self, address: Any) -> Any:
        """What the submission calls a real address."""
        if not isinstance(address, tuple) or len(address) < 2:
            return address
        return (address[0], self.inward(address[1]), *address[2:])
