"""Memory of the kernel's that a run takes is memory of the run's."""

from __future__ import annotations

import array
import os
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from grader.sandbox import enter_private_network, show_memory
from grader.supervisor.in_flight import MOST_IN_FLIGHT, InFlight
from grader.supervisor.kernel_memory import memory_in_sockets
from grader.supervisor.tree import Tree
from grader.trace import Outcome, StartMethod

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


FLIGHT = """
    import array, os, socket, sys
    null = os.open("/dev/null", os.O_RDONLY)
    def send(sender, descriptors):
        rights = array.array("i", descriptors)
        sender.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    def fill(sender, descriptor, most=2000):
        sent = 0
        try:
            while sent < most:
                send(sender, [descriptor])
                sent += 1
        except OSError as error:
            print(error.strerror)
        return sent
"""
REFUSED = "Too many references: cannot splice"


def test_few_descriptors_are_in_flight(supervise: Supervise):
    """So many that sixteen runs at once do not come to what the kernel grants their user, whatever
    becomes of the socket that they are sent to.
    """
    trace = supervise(
        f"""{FLIGHT}
    here, there = socket.socketpair()
    print(fill(here, null))
    for _ in range(3):
        pair = socket.socketpair()
        if os.fork() == 0:
            print(fill(pair[0], null))
            os._exit(0)
        os.wait()
    """
    )
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == [REFUSED, "56"] + [REFUSED, "0"] * 3


def test_descriptors_in_sockets_that_are_in_flight_count(supervise: Supervise):
    """No process holds the socket any more, and nobody can say how many are in it."""
    trace = supervise(
        f"""{FLIGHT}
    outer, unread = socket.socketpair()
    total = 0
    for _ in range(10):
        pair = socket.socketpair()
        total += fill(pair[0], null, 20)
        try:
            send(outer, [pair[1].fileno()])
            total += 1
        except OSError: break
        pair[1].close()
        total += fill(pair[0], null, 20)
        pair[0].close()
    print(total)
    """
    )
    assert output(trace)[-1] == "56"


def test_what_is_received_makes_room(supervise: Supervise):
    """By whatever call, and also if nobody can receive it any more."""
    trace = supervise(
        f"""{FLIGHT}
    here, there = socket.socketpair()
    for _ in range(10):
        send(here, [null] * 20)
        for descriptor in socket.recv_fds(there, 1, 20)[1]: os.close(descriptor)
        send(here, [null] * 20)
        there.recv(1)
        lost = socket.socketpair()
        send(lost[0], [null] * 20)
        for end in lost: end.close()
    print("sent", 10 * 60)
    """
    )
    assert output(trace) == ["sent 600"]


def test_many_messages_at_once_are_counted(supervise: Supervise):
    """sendmmsg(2) counts for all of them."""
    trace = supervise(
        f"""{FLIGHT}
    import ctypes, struct
    libc = ctypes.CDLL(None, use_errno=True)
    here, there = socket.socketpair()
    control = ctypes.create_string_buffer(struct.pack("=Qii3i4x", 28, 1, 1, *[null] * 3))
    byte = ctypes.create_string_buffer(b"x")
    part = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(byte), 1))
    message = struct.pack("=QQQQQQQQ", 0, 0, ctypes.addressof(part), 1,
                          ctypes.addressof(control), 32, 0, 0)
    several = ctypes.create_string_buffer(message * 20)
    for count in (10, 10, 8):
        if libc.sendmmsg(here.fileno(), several, count, 0) != count:
            print(os.strerror(ctypes.get_errno()))
    """
    )
    assert output(trace) == [REFUSED]


def test_more_messages_are_announced_than_can_be_read(supervise: Supervise):
    """The kernel sends those that it can read before the mapping ends: so they count."""
    trace = supervise(
        f"""{FLIGHT}
    import ctypes, mmap, struct
    libc = ctypes.CDLL(None, use_errno=True)
    here, there = socket.socketpair()
    control = ctypes.create_string_buffer(struct.pack("=Qii3i4x", 28, 1, 1, *[null] * 3))
    byte = ctypes.create_string_buffer(b"x")
    part = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(byte), 1))
    message = struct.pack("=QQQQQQQQ", 0, 0, ctypes.addressof(part), 1,
                          ctypes.addressof(control), 32, 0, 0)
    pages = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    end = ctypes.addressof(ctypes.c_char.from_buffer(pages)) + mmap.PAGESIZE
    libc.munmap(ctypes.c_void_p(end), mmap.PAGESIZE)
    size = 20 * len(message)
    ctypes.memmove(end - size, message * 20, size)
    if libc.sendmmsg(here.fileno(), ctypes.c_void_p(end - size), 1024, 0) < 0:
        print(os.strerror(ctypes.get_errno()), flush=True)
    os._exit(0)
    """
    )
    assert output(trace) == [REFUSED]


def test_whoever_has_no_room_waits_for_it(supervise: Supervise):
    """As for room in a socket: another process receives what was sent, and the call goes on."""
    trace = supervise(
        f"""{FLIGHT}
    import time
    begun = time.monotonic()
    here, there = socket.socketpair()
    if os.fork() == 0:
        time.sleep(1)
        while socket.recv_fds(there, 1, 1)[1]: pass
        os._exit(0)
    print(fill(here, null, 100), round(time.monotonic() - begun))
    here.send(b"x")
    os.wait()
    """
    )
    assert output(trace) == ["100 1"]


def test_what_others_have_in_flight_is_waited_for(supervise: Supervise):
    """The kernel refuses a process for what others of its user have in flight, or its lower limit
    of open files: it tries again as soon as they have received something.
    """
    trace = supervise(
        f"""{FLIGHT}
    import resource
    here, there = socket.socketpair()
    waiting, begin = os.pipe()
    if os.fork() == 0:
        os.read(waiting, 1)
        socket.recv_fds(there, 1, 50)
        socket.recv_fds(there, 1, 50)
        os._exit(0)
    send(here, [null] * 50)
    resource.setrlimit(resource.RLIMIT_NOFILE, (10, 1024))
    os.write(begin, b"x")
    send(here, [null])
    print("sent")
    os.wait()
    """
    )
    assert output(trace) == ["sent"]


def test_what_is_sent_past_the_count_is_found():
    """A message that was changed after it was looked at."""

    def work() -> None:
        tree = Tree()
        process = tree.born_process(os.getpid(), os.getpid())
        thread = tree.born_thread(os.getpid(), os.getpid(), process)
        in_flight = InFlight(tree, has_own_network=True)
        here, there = socket.socketpair()
        assert in_flight.take(thread, 1, now=0)
        in_flight.settle(thread, sent=True)
        for _ in range(2):
            socket.send_fds(here, [b"x"], [0] * MOST_IN_FLIGHT)
        in_flight.may_exceed = True
        assert not in_flight.exceed()
        socket.send_fds(here, [b"x"], [0])
        in_flight.may_exceed = True
        assert in_flight.exceed()
        there.close()

    assert in_a_network_of_its_own(work) == b""


def test_who_is_refused_is_not_counted_for_each_time(monkeypatch: pytest.MonkeyPatch):
    """To count is dear: once somebody has waited in vain, all wait for the next count."""
    counted: list[int] = []
    monkeypatch.setattr(InFlight, "_count", lambda _: counted.append(MOST_IN_FLIGHT) or counted[-1])

    def work() -> None:
        tree = Tree()
        process = tree.born_process(os.getpid(), os.getpid())
        thread = tree.born_thread(os.getpid(), os.getpid(), process)
        in_flight = InFlight(tree, has_own_network=True, at_most=MOST_IN_FLIGHT)
        in_flight.waited_in_vain = True
        times = [1_000_000_000 + n * 1_000_000 for n in range(40)]
        assert [in_flight.take(thread, 1, now=now) for now in times] == [False] * 40
        assert len(counted) == 2

    assert in_a_network_of_its_own(work) == b""


def test_a_fork_server_is_asked_by_many_at_once(supervise: Supervise):
    """Each start sends four descriptors or five; those that find no room wait for their turn."""
    trace = supervise(
        """
        from multiprocessing import Process
        from threading import Thread
        def work(): pass
        def start():
            child = Process(target=work)
            child.start()
            child.join()
            codes.append(child.exitcode)
        if __name__ == "__main__":
            codes = []
            threads = [Thread(target=start) for _ in range(16)]
            for each in threads: each.start()
            for each in threads: each.join()
            print(codes == [0] * 16)
        """,
        start_method=StartMethod.FORKSERVER,
    )
    assert output(trace) == ["True"]
