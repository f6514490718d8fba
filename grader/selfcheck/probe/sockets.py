"""Reports which process listens, connects, answers, or waits for the other side; gives ports of its
own to the run.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

imports: Any = __import__("imports")
objects: Any = __import__("objects")
ports: Any = __import__("ports")

_HOST, _PORT = 0, 1
"""Where they stand in an address of TCP."""


def change(module: Any, channel: Any) -> None:
    """``socket``: its sockets are those in C, with some methods of their own."""
    kind, base = module.socket, module.socket.__mro__[1]
    internet = (module.AF_INET, module.AF_INET6)
    moved = ports.Ports(int(os.environ.get("GRADER_PORT_SHIFT", "0")))

    def bind(self: Any, address: Any) -> None:
        """As the socket's own in a network of its own: where the port is not moved, an earlier run
        of the same script does not keep it for the minute in which its connections are forgotten.
        """
        if self.family not in internet:
            base.bind(self, address)
            return
        real = moved.address_outward(address)
        if real == address and os.name == "posix":  # on Windows it would share the port
            self.setsockopt(module.SOL_SOCKET, module.SO_REUSEADDR, 1)
        base.bind(self, real)

    def listen(self: Any, *backlog: int) -> None:
        """As the socket's own."""
        base.listen(self, *backlog)
        name = self.getsockname()
        is_internet = self.family in internet
        channel.report(
            "listen",
            address=str(name[_HOST] if is_internet else name)[:200],
            port=name[_PORT] if is_internet else None,
        )

    def connecting(name: str) -> Callable[..., Any]:
        """A method that connects."""
        original = getattr(base, name)

        def connect(self: Any, address: Any) -> Any:
            """As the socket's own."""
            if self.family not in internet:
                return original(self, address)
            error: object = None
            try:
                error = original(self, moved.address_outward(address)) or None
                return error
            except OSError as failure:
                error = failure.errno
                raise
            finally:
                if isinstance(address, tuple) and len(address) > _PORT:
                    channel.report(
                        "connect",
                        address=str(address[_HOST])[:200],
                        port=address[_PORT],
                        error=_error_name(error),
                        own=base.getsockname(self)[_PORT],
                    )

        connect.__name__ = name
        return connect if name == "connect_ex" else _without_answer(connect)

    def answering(name: str) -> Callable[..., Any]:
        """A method that sends."""
        original = getattr(base, name)

        def send(self: Any, *arguments: Any) -> Any:
            """As the socket's own."""
            sent = original(self, *arguments)
            if self.family in internet:
                try:
                    other = base.getpeername(self)
                except OSError:
                    return sent
                channel.report_repeatable("sent", to=other[_PORT])
            return sent

        send.__name__ = name
        return send

    def waiting(name: str, reason: str) -> Callable[..., Any]:
        """A method that waits for the other side."""
        original = getattr(base, name)

        def receive(self: Any, *arguments: Any) -> Any:
            """As the socket's own."""
            timeout = self.gettimeout()
            if timeout == 0:
                return original(self, *arguments)
            with objects.Blocked(channel, reason, sys._getframe(1), timeout):
                return original(self, *arguments)

        receive.__name__ = name
        return receive

    def naming(name: str) -> Callable[..., Any]:
        """A method that says an address."""
        original = getattr(base, name)

        def address_of(self: Any) -> Any:
            """As the socket's own."""
            address = original(self)
            return moved.address_inward(address) if self.family in internet else address

        address_of.__name__ = name
        return address_of

    kind.bind, kind.listen = bind, listen
    for name in ("connect", "connect_ex"):
        setattr(kind, name, connecting(name))
    for name in ("send", "sendall"):
        setattr(kind, name, answering(name))
    for name, reason in (("recv", "socket"), ("recv_into", "socket"), ("_accept", "client")):
        setattr(kind, name, waiting(name, reason))
    for name in ("getsockname", "getpeername"):
        setattr(kind, name, naming(name))


def _without_answer(connect: Callable[..., Any]) -> Callable[..., None]:
    def nothing(self: Any, address: Any) -> None:
        """As the socket's own."""
        connect(self, address)

    nothing.__name__ = connect.__name__
    return nothing


def _error_name(error: object) -> str | None:
    if not error:
        return None
    errno = imports.borrowed("errno")
    return str(errno.errorcode.get(error, error))
