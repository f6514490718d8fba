"""listen, connect and send: who serves where, who reached whom, and who answered."""

from __future__ import annotations

import errno
import socket
import struct

from grader.supervisor import procfs
from grader.supervisor.architecture import Registers
from grader.supervisor.calls.base import INTERRUPTED, Call, When, always
from grader.supervisor.descriptors import borrow_descriptor
from grader.supervisor.run import Run
from grader.supervisor.tree import TracedProcess, TracedThread
from grader.trace import Connected, Connection, Listened, Role

_UNDECIDED = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EISCONN})
_TCP_ESTABLISHED, _TCP_CLOSE = 1, 7
"""From linux/tcp_states.h; the first byte of a struct tcp_info."""
_INTERNET = frozenset({socket.AF_INET, socket.AF_INET6})


class Listen(Call, trapped=always("listen"), visible=True):
    """A socket starts to accept connections."""

    def enter(self) -> bool:
        """Whether it came to that is seen at the exit."""
        return True

    def leave(self, registers: Registers) -> None:
        """Write down at which address the process accepts connections now."""
        if registers.result != 0:
            return
        try:
            ours = borrow_descriptor(self.process, self.registers.int_argument(0))
            with socket.socket(fileno=ours) as listener:
                name = listener.getsockname()
        except OSError:
            return  # closed by another thread: nobody can connect to it
        address, port = _readable(name)
        if port is None:
            self.run.last_listener[self.process.number] = address
        recorder = self.run.recorder
        recorder.journal.happened(
            Listened(recorder.journal.now(), self.process.number, address, port)
        )


class Connect(Call, trapped=always("connect"), visible=True):
    """A connection is made, or refused."""

    def __init__(self, run: Run, thread: TracedThread, registers: Registers) -> None:
        super().__init__(run, thread, registers)
        self._address, self._port = self._read_address()

    def _read_address(self) -> tuple[str | None, int | None]:
        size = min(self.registers.int_argument(2), 128)
        try:
            return _from_sockaddr(self.process.memory.read(self.registers.argument(1), size))
        except (OSError, ValueError):
            return None, None  # the kernel cannot make sense of it either

    @property
    def result_out_of_time(self) -> int:
        """What it returns when the time limit of its socket is over: a Unix socket waits for room
        at the listener, any other goes on by itself.
        """
        return -errno.EAGAIN if self._port is None else -errno.EINPROGRESS

    @property
    def _asks_fork_server(self) -> bool:
        """Who starts the server listens for it, and may call before the server is there."""
        return self._address in self.run.fork_servers.values() or (
            self._address is not None
            and self._address == self.run.last_listener.get(self.process.number)
        )

    def enter(self) -> bool:
        """Keep in mind who calls at a Unix socket: it may be a fork server's."""
        if self._address is not None and self._port is None:
            # A fork server may accept and fork before this call is seen to return.
            self.run.callers.setdefault(self._address, []).append(self.process.number)
        return self._address is not None

    def leave(self, registers: Registers) -> None:
        """Write down the connection, or the error that it came to."""
        result = registers.result
        assert self._address is not None
        if result in (0, -errno.EINPROGRESS) and self._is_peers:
            self._note_client()
        callers = self.run.callers.get(self._address, [])
        if result != 0 and self.process.number in callers:
            callers.remove(self.process.number)
        if self._asks_fork_server:
            return
        if result == -errno.EINPROGRESS:
            result = self._what_has_come_of_it()
        if result in INTERRUPTED or -result in _UNDECIDED:
            return
        error = errno.errorcode.get(-result) if result else None
        recorder = self.run.recorder
        recorder.journal.happened(
            Connected(recorder.journal.now(), self.process.number, self._address, self._port, error)
        )

    @property
    def _is_peers(self) -> bool:
        return self.run.recorder.process(self.process.number).role is Role.PEER

    def _note_client(self) -> None:
        """Whoever answers is known by the port to which he sends."""
        try:
            ours = borrow_descriptor(self.process, self.registers.int_argument(0))
            with socket.socket(fileno=ours) as caller:
                _, port = _readable(caller.getsockname())
        except OSError:
            return  # closed by another thread
        if port is not None:
            known = self.run.connections.values()
            earlier = sum(each.client == self.process.number for each in known)
            self.run.connections[port] = Connection(self.process.number, 1 + earlier)

    def _what_has_come_of_it(self) -> int:
        """The result of a call that does not wait for one. On the computer's own network it is
        there when the call returns. The error itself is left for the program to find.
        """
        try:
            ours = borrow_descriptor(self.process, self.registers.int_argument(0))
            with socket.socket(fileno=ours) as caller:
                state = caller.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        except OSError:
            return -errno.EINPROGRESS
        return {_TCP_ESTABLISHED: 0, _TCP_CLOSE: -errno.ECONNREFUSED}.get(state, -errno.EINPROGRESS)


class Send(Call, trapped=always("sendto"), visible=False, when=When.PEERS):
    """What is sent is let through: of interest is only who sends it, and to whom."""

    def enter(self) -> bool:
        """Note who answers."""
        note_answer(self.run, self.process, self.registers.int_argument(0))
        return False


def note_answer(run: Run, process: TracedProcess, descriptor: int) -> None:
    """A process sends something; write it down if a peer made the connection."""
    if not run.connections:
        return
    try:
        with socket.socket(fileno=borrow_descriptor(process, descriptor)) as ours:
            _, port = _readable(ours.getpeername())
    except OSError:
        return  # no socket, or none that is connected
    if port in run.connections:
        run.recorder.answered(process.number, run.connections[port])


def connections_of(process: TracedProcess) -> int:
    """How many TCP connections the process has open, whether or not the other side lives."""
    return sum(is_connection(process, descriptor) for descriptor in procfs.sockets_of(process.pid))


def is_connection(process: TracedProcess, descriptor: int) -> bool:
    """Whether a socket is one end of a TCP connection, or of what is left of one."""
    try:
        with socket.socket(fileno=borrow_descriptor(process, descriptor)) as ours:
            if ours.family not in _INTERNET or ours.type != socket.SOCK_STREAM:
                return False
            listens = ours.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            _, port, *_ = ours.getsockname()
    except OSError:
        return False  # closed meanwhile
    return not listens and port != 0


def _readable(name: object) -> tuple[str, int | None]:
    if isinstance(name, tuple):
        return str(name[0]), int(name[1])
    if isinstance(name, bytes):
        return name.decode("utf-8", "replace").replace("\0", "@"), None
    return procfs.as_text(str(name)).replace("\0", "@"), None


def _from_sockaddr(data: bytes) -> tuple[str, int | None]:
    """The address in a struct sockaddr.

    Raises:
        ValueError: of a family that is not known here.
    """
    try:
        (family,) = struct.unpack_from("=H", data)
        if family == socket.AF_INET:
            port, raw = struct.unpack_from("!2xH4s", data)
            return socket.inet_ntop(family, raw), port
        if family == socket.AF_INET6:
            port, raw = struct.unpack_from("!2xH4x16s", data)
            return socket.inet_ntop(family, raw), port
    except struct.error as error:
        raise ValueError("a truncated address") from error
    if family != socket.AF_UNIX:
        raise ValueError(f"address family {family}")
    path = data[2:]
    if path[:1] != b"\0":
        path = path.split(b"\0", 1)[0]
    return _readable(path)
