"""Time limits of a socket's own are kept by the submission's clock."""

from __future__ import annotations

import pytest

from grader.schedules import parse_schedule
from grader.trace import Outcome
from grader.trace.schedule import NATURAL

from .conftest import Supervise
from .reading import just_past, numbers, output

PRELUDE = """
import errno, os, socket, struct, time
from multiprocessing import Process

def limit(sock, option, seconds):
    value = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, option, value)

def tried(call, *arguments):
    began = time.monotonic()
    try:
        while True: call(*arguments)
    except OSError as error:
        print(time.monotonic() - began if error.errno == errno.EAGAIN else error, flush=True)
"""
RECEIVING = """
ours, theirs = socket.socketpair()
limit(ours, socket.SO_RCVTIMEO, 2.5)
tried(ours.recv, 1)
tried(os.read, ours.fileno(), 1)
"""
SENDING = """
ours, theirs = socket.socketpair()
limit(ours, socket.SO_SNDTIMEO, 2.5)
tried(ours.send, bytes(100_000))
tried(os.write, ours.fileno(), bytes(100_000))
"""
ACCEPTING = """
listener = socket.create_server(("127.0.0.1", 0))
limit(listener, socket.SO_RCVTIMEO, 2.5)
tried(listener.accept)
tried(listener.accept)
"""
CONNECTING = """
listener = socket.socket(socket.AF_UNIX)
listener.bind("mailbox")
listener.listen(0)
def connect():
    caller = socket.socket(socket.AF_UNIX)
    limit(caller, socket.SO_SNDTIMEO, 2.5)
    callers.append(caller)
    caller.connect("mailbox")
callers = []
tried(connect)
tried(connect)
"""


@pytest.mark.parametrize("schedule", [NATURAL, parse_schedule("child-first")], ids=str)
@pytest.mark.parametrize("what", [RECEIVING, SENDING, ACCEPTING, CONNECTING])
def test_a_wait_ends_at_its_time(supervise: Supervise, what: str, schedule):
    """It is no deadlock, and costs no real time."""
    trace = supervise(PRELUDE + what, schedule=schedule)
    assert trace.outcome is Outcome.FINISHED, output(trace)
    seen = numbers(trace)
    assert len(seen) == 2
    assert all(just_past(each, 2.5) for each in seen), seen


@pytest.mark.needs("private-networks")
def test_a_connection_that_takes_long_goes_on_by_itself(supervise: Supervise):
    """On the network a call that is out of time leaves it to be made (EINPROGRESS, socket(7))."""
    trace = supervise(
        f"""{PRELUDE}
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
callers = []
def connect():
    caller = socket.socket()
    limit(caller, socket.SO_SNDTIMEO, 2.5)
    callers.append(caller)
    caller.connect(listener.getsockname())
tried(connect)
"""
    )
    assert output(trace) == ["[Errno 115] Operation now in progress"]
    assert trace.outcome is Outcome.FINISHED


def test_what_comes_before_its_time_is_received(supervise: Supervise):
    """The shortest wait ends first, and one that has its data has no end any more."""
    trace = supervise(
        PRELUDE
        + """
ours, theirs = socket.socketpair()
limit(ours, socket.SO_RCVTIMEO, 3)

def answer():
    time.sleep(1)
    theirs.send(b"one")
    time.sleep(5)
    theirs.send(b"two")

Process(target=answer).start()
print(ours.recv(3))
tried(ours.recv, 3)
print(ours.recv(3))
"""
    )
    assert trace.outcome is Outcome.FINISHED, output(trace)
    one, waited, two = output(trace)
    assert (one, two) == ("b'one'", "b'two'")
    assert just_past(float(waited), 3)


def test_without_a_limit_it_is_a_deadlock(supervise: Supervise):
    """A limit that was taken back is none."""
    trace = supervise(
        PRELUDE
        + """
ours, theirs = socket.socketpair()
limit(ours, socket.SO_RCVTIMEO, 3)
limit(ours, socket.SO_RCVTIMEO, 0)
ours.recv(1)
"""
    )
    assert trace.outcome is Outcome.DEADLOCK


def test_the_limit_can_be_asked_for(supervise: Supervise):
    """It is what was set, also for those who inherit the socket; bad values are errors."""
    trace = supervise(
        PRELUDE
        + """
ours, theirs = socket.socketpair()
limit(ours, socket.SO_RCVTIMEO, 2.5)
if os.fork() == 0:
    print(*struct.unpack("ll", ours.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)))
    os._exit(0)
os.wait()
print(*struct.unpack("ll", ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16)))
tried(ours.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 1, 10**6))
tried(ours.setsockopt, socket.SOL_SOCKET, socket.SO_RCVTIMEO, b"")
"""
    )
    assert output(trace) == [
        "2 500000",
        "0 0",
        "[Errno 33] Numerical argument out of domain",
        "[Errno 22] Invalid argument",
    ]


def test_no_close_waits(supervise: Supervise):
    """What lies unsent in a socket that lingers goes on its way all the same."""
    trace = supervise(
        PRELUDE
        + """
listener = socket.create_server(("127.0.0.1", 0))
ours = socket.create_connection(listener.getsockname())
theirs, _ = listener.accept()
ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 100))
ours.setblocking(False)
sent = 0
try:
    while True: sent += ours.send(bytes(100_000))
except BlockingIOError: pass
ours.setblocking(True)
ours.close()
got = 0
while data := theirs.recv(1_000_000): got += len(data)
print(got == sent)
"""
    )
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["True"]


def test_on_the_real_clock_the_kernel_keeps_it(supervise: Supervise):
    """Such a wait is no deadlock either."""
    trace = supervise(PRELUDE + RECEIVING.replace("2.5", "0.1"), clock="real")
    assert trace.outcome is Outcome.FINISHED
    assert all(each >= 0.1 for each in numbers(trace))
