"""Memory of the kernel's that a run takes is memory of the run's."""

from __future__ import annotations

import array
import os
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from grader.sandbox import enter_private_network, show_memory
from grader.supervisor.kernel_memory import memory_in_sockets
from grader.trace import Outcome

from .conftest import Supervise
from .reading import output

pytestmark = pytest.mark.needs("private-networks")


def in_a_network_of_its_own(work: Callable[[], None]) -> bytes:
    """What ``work`` raised, in a child with a private network; empty if nothing."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            show_memory()
            enter_private_network()
            work()
        except BaseException as error:
            os.write(write_end, repr(error).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with open(read_end, "rb") as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


def fill(sender: socket.socket) -> int:
    """How many bytes went into it."""
    sender.setblocking(False)
    sent = 0
    with suppress(BlockingIOError):
        while True:
            sent += sender.send(bytes(50_000))
    return sent


def test_each_kind_of_socket_is_counted():
    """Local ones, connections, and datagrams that nobody has read."""

    def work() -> None:
        assert memory_in_sockets() == 0
        idle = [socket.socketpair() for _ in range(10)]
        assert memory_in_sockets() < 100_000
        pairs = [socket.socketpair() for _ in range(10)]
        local = sum(fill(pair[0]) for pair in pairs)
        assert local <= memory_in_sockets() < 3 * local
        before = memory_in_sockets()
        listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(listener.getsockname())
        internet = fill(client)
        assert before + internet <= memory_in_sockets()
        before = memory_in_sockets()
        mailbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        mailbox.bind(("127.0.0.1", 0))
        for _ in range(100):
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client.sendto(bytes(1000), mailbox.getsockname())
        assert memory_in_sockets() >= before + 100_000
        for pair in (*idle, *pairs):
            for end in pair:
                end.close()

    assert in_a_network_of_its_own(work) == b""


def test_sockets_that_no_process_holds_are_counted():
    """Sent to another socket and closed, they keep what is in them."""

    def work() -> None:
        mailbox = socket.socketpair()
        inside = 0
        for _ in range(10):
            pair = socket.socketpair()
            inside += fill(pair[0])
            descriptors = array.array("i", [each.fileno() for each in pair])
            mailbox[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
            for end in pair:
                end.close()
        assert memory_in_sockets() >= inside

    assert in_a_network_of_its_own(work) == b""


def test_a_run_is_stopped(supervise: Supervise):
    """Buffers and the memory of processes are one sum."""
    trace = supervise(
        """
        import os, socket
        for _ in range(8):
            if os.fork() == 0: break
        kept = []
        for _ in range(400):
            pair = socket.socketpair()
            pair[0].setblocking(False)
            try:
                while True: pair[0].send(bytes(50_000))
            except BlockingIOError: pass
            kept.append(pair)
        while True: pass
        """
    )
    assert trace.outcome is Outcome.MEMORY_LIMIT


def test_what_is_read_is_free_again(supervise: Supervise):
    """However much passes through sockets."""
    trace = supervise(
        """
        import socket
        pairs = [socket.socketpair() for _ in range(20)]
        for _ in range(400):
            for here, there in pairs:
                here.send(bytes(100_000))
            for here, there in pairs:
                left = 100_000
                while left: left -= len(there.recv(left))
        print("passed", 400 * 20 * 100_000)
        """
    )
    assert output(trace) == ["passed 800000000"]


def test_what_is_watched_is_counted(supervise: Supervise):
    """An epoll remembers each descriptor that it watches, and a user has only so many of these."""
    trace = supervise(
        """
        import os, select
        for _ in range(8):
            if os.fork() == 0: break
        reading, _ = os.pipe()
        watched = [os.dup(reading) for _ in range(500)]
        kept = []
        for _ in range(500):
            kept.append(select.epoll())
            for each in watched: kept[-1].register(each)
        while True: pass
        """,
        limits={"memory": 256 * 10**6},
    )
    assert trace.outcome is Outcome.MEMORY_LIMIT


def test_a_server_with_many_connections_is_no_hoarder(supervise: Supervise):
    """One epoll, and a hundred connections."""
    trace = supervise(
        """
        import select, socket
        server = socket.create_server(("127.0.0.1", 0), backlog=200)
        clients = [socket.create_connection(server.getsockname()) for _ in range(100)]
        served = [server.accept()[0] for _ in range(100)]
        poller = select.epoll()
        for each in served: poller.register(each, select.EPOLLIN)
        for each in clients: each.send(b"x" * 1000)
        for _ in range(5 * 10**6): pass
        print(len(poller.poll(1)))
        """,
        limits={"memory": 64 * 10**6},
    )
    assert output(trace) == ["100"]
