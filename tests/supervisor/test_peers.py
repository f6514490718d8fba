"""Programs of the exercise's own beside the submission: when they begin, what is seen of them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.exercise import Beginning, Peer
from grader.schedules import parse_schedule
from grader.submission import SourceFile
from grader.trace import (
    MAIN,
    Connected,
    Connection,
    Ended,
    Listened,
    Outcome,
    Printed,
    Process,
    Role,
    Trace,
    WaitReason,
)
from grader.trace.questions import children_of, created

from .conftest import Supervise
from .reading import SECOND, having, only, output

pytestmark = pytest.mark.usefixtures("any_isolation")

UPPER_CASE = """
import socket
with socket.create_server(("127.0.0.1", 8080)) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data.upper())
"""
CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", 8080), 30) as connection:
    connection.sendall(sys.argv[1].encode())
    print("answer:", connection.recv(1024).decode())
"""
SERVER = """
import socket
from multiprocessing import Process

def serve(connection):
    while data := connection.recv(1024):
        connection.sendall(data.upper())

if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", 8080))
    while True:
        connection, _ = server.accept()
        Process(target=serve, args=(connection,)).start()
"""
CALLS_AT_ONCE = """
import socket
connection = socket.create_connection(("127.0.0.1", 8080))
connection.sendall(b"hello")
print(connection.recv(1024).decode())
"""


AT_8080 = Beginning(listens=8080)


def peer(name: str, source: str, *arguments: str, begins: Beginning | None = None) -> Peer:
    program = SourceFile(f"{name}.py", dedent(source).encode())
    return Peer(name=name, program=program, args=arguments, begins=begins)


def peers_of(trace: Trace) -> list[Process]:
    return [each for each in trace.processes if each.role is Role.PEER]


def test_a_peer_that_waits_for_nothing_is_ready_first(supervise: Supervise):
    """Its server listens before the submission's first instruction, however slow it starts."""
    slow = "for _ in range(3_000_000): pass\n" + UPPER_CASE
    trace = supervise(CALLS_AT_ONCE, peers=(peer("server", slow),))
    assert output(trace, MAIN) == ["HELLO"]
    assert only(trace, Listened, by=peers_of(trace)[0].number).at == 0
    assert only(trace, Connected, by=MAIN).error is None


def test_a_peer_is_ready_first_in_every_order(supervise: Supervise):
    """A schedule begins with the submission's first instruction, too."""
    server = peer("server", UPPER_CASE)
    for schedule in ("child-first", "parent-first", "random:3"):
        trace = supervise(CALLS_AT_ONCE, peers=(server,), schedule=parse_schedule(schedule))
        assert output(trace, MAIN) == ["HELLO"], schedule


def test_a_peer_begins_when_the_port_listens(supervise: Supervise):
    """Not a moment before, and the submission need not say so."""
    client = peer("client", CLIENT, "hello", begins=AT_8080)
    trace = supervise("import time; time.sleep(5)\n" + SERVER, peers=(client,))
    listened = only(trace, Listened)
    assert peers_of(trace)[0].started >= listened.at > 5 * SECOND
    assert output(trace, peers_of(trace)[0].number) == ["answer: HELLO"]


def test_a_peer_whose_port_nobody_listens_at_never_begins(supervise: Supervise):
    """Another port is another port."""
    client = peer("client", CLIENT, "hello", begins=Beginning(listens=8081))
    trace = supervise("import socket; socket.create_server(('', 8080))", peers=(client,))
    assert peers_of(trace) == []
    assert trace.outcome is Outcome.FINISHED


def test_a_peer_begins_when_a_line_is_printed(supervise: Supervise):
    """The line is the submission's; what a peer prints starts nobody."""
    pattern = Beginning(prints="ready *")
    first = peer("first", "print('ready as well')")
    second = peer("second", "print('second')", begins=pattern)
    trace = supervise("import time; time.sleep(2); print('ready now')", peers=(first, second))
    assert [each.name for each in peers_of(trace)] == ["first", "second"]
    assert peers_of(trace)[1].started >= only(trace, Printed, text="ready now").at > 2 * SECOND


def test_peers_are_nobodys_children(supervise: Supervise):
    """They, and what they start, are told apart from the submission's processes."""
    starts_another = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1)'])"
    trace = supervise("print('hello')", peers=(peer("other", starts_another),))
    assert [each.role for each in trace.processes] == [Role.MAIN, Role.PEER, Role.PEER]
    assert created(trace) == ()
    assert children_of(trace, MAIN) == ()


def test_what_a_peer_prints_has_its_own_terminal(supervise: Supervise):
    """It is no output of the submission, and neither waits for the other to write."""
    other = peer("other", "print('x' * 100_000)")
    trace = supervise("print('mine')", peers=(other,), limits={"output": 1000})
    assert trace.outcome is Outcome.FINISHED
    assert output(trace, MAIN) == ["mine"]
    assert trace.output_bytes == len("mine\n")


def test_arguments_and_name_of_a_peer(supervise: Supervise):
    """They are as the plan says, and it sees nothing of the submission's folder."""
    shows = "import os, sys; print(sys.argv[1:], os.listdir())"
    trace = supervise("pass", peers=(peer("shows", shows, "a b", "你好"),))
    (mine,) = peers_of(trace)
    assert mine.name == "shows"
    assert output(trace, mine.number) == ["['a b', '你好'] ['shows.py']"]


def test_a_server_is_stopped_when_its_clients_are_done(supervise: Supervise):
    """It would serve for ever: that is no fault, no deadlock, and costs no time."""
    clients = tuple(peer(f"c{n}", CLIENT, f"hello{n}", begins=AT_8080) for n in range(3))
    trace = supervise(SERVER, peers=clients)
    assert trace.outcome is Outcome.FINISHED
    assert trace.stopped
    assert trace.duration < SECOND
    assert sorted(line for each in peers_of(trace) for line in output(trace, each.number)) == [
        "answer: HELLO0",
        "answer: HELLO1",
        "answer: HELLO2",
    ]
    main = trace.processes[MAIN]
    assert main.killed_by_grader
    assert not trace.doubts


def test_a_server_that_polls_is_stopped_as_well(supervise: Supervise):
    """Two seconds after the last peer has gone, though it wakes again and again."""
    polling = SERVER.replace("    while True:", "    server.settimeout(0.5)\n    while True:", 1)
    polling = polling.replace(
        "        connection, _ = server.accept()",
        "        try: connection, _ = server.accept()\n        except TimeoutError: continue",
    )
    trace = supervise(polling, peers=(peer("c", CLIENT, "hello", begins=AT_8080),))
    assert trace.stopped
    assert trace.outcome is Outcome.FINISHED
    assert trace.duration < 5 * SECOND


WATCHERS = {
    "select": "        import select\n        select.select([server], [], [])\n",
    "selectors": "        import selectors\n        watcher = selectors.DefaultSelector()\n"
    "        watcher.register(server, selectors.EVENT_READ)\n        watcher.select()\n",
}


@pytest.mark.parametrize("module", WATCHERS)
def test_a_server_that_watches_its_socket_is_stopped_as_well(supervise: Supervise, module: str):
    """Who looks with select or epoll whether somebody calls waits for a connection."""
    accept = "        connection, _ = server.accept()"
    watching = SERVER.replace(accept, WATCHERS[module] + accept)
    assert module in watching
    trace = supervise(watching, peers=(peer("c", CLIENT, "hello", begins=AT_8080),))
    assert trace.stopped
    assert trace.outcome is Outcome.FINISHED


def test_a_submission_that_ends_by_itself_was_not_stopped(supervise: Supervise):
    """Then its end is its own, and the peer that would go on is ended without a word."""
    trace = supervise(CALLS_AT_ONCE, peers=(peer("server", UPPER_CASE),))
    assert not trace.stopped
    assert trace.processes[MAIN].exit_status == 0
    assert peers_of(trace)[0].killed_by_grader


def test_a_deadlock_beside_peers_is_a_deadlock(supervise: Supervise):
    """Who waits for a lock serves nobody."""
    locked = """
        from multiprocessing import Lock
        lock = Lock()
        lock.acquire()
        lock.acquire()
    """
    trace = supervise(locked, peers=(peer("server", UPPER_CASE),))
    assert trace.outcome is Outcome.DEADLOCK
    assert not trace.stopped


def test_a_client_that_waits_for_an_answer_is_stopped(supervise: Supervise):
    """The server waits for it and it for the server: nothing more is to be seen of either."""
    waits = CALLS_AT_ONCE.replace('connection.sendall(b"hello")', "")
    trace = supervise(waits, peers=(peer("server", UPPER_CASE),))
    assert trace.stopped
    assert {each.process: each.obstacle for each in trace.blocked}[MAIN] is WaitReason.SOCKET


def test_a_peers_time_out_costs_nothing(supervise: Supervise):
    """A client gives up after thirty seconds of the submission's clock."""
    silent = "import socket\ns = socket.create_server(('', 8080))\nc, _ = s.accept()\nc.recv(9)\n"
    impatient = CLIENT.replace(
        'print("answer:", connection.recv(1024).decode())',
        'try: connection.recv(1)\n    except TimeoutError: print("no answer")',
    ).replace("connection.sendall(sys.argv[1].encode())", "pass")
    trace = supervise(silent, peers=(peer("c", impatient, begins=AT_8080),))
    (mine,) = peers_of(trace)
    assert output(trace, mine.number) == ["no answer"]
    assert 30 * SECOND < only(trace, Ended, by=mine.number).at < 31 * SECOND


def test_a_refused_connection_is_seen(supervise: Supervise):
    """Who called where, and what came of it."""
    trace = supervise(CALLS_AT_ONCE.replace("8080", "8081"), peers=(peer("server", UPPER_CASE),))
    refused = only(trace, Connected, by=MAIN)
    assert (refused.address, refused.port, refused.error) == ("127.0.0.1", 8081, "ECONNREFUSED")
    assert trace.outcome is Outcome.CRASHED


def test_a_connection_with_a_time_out_is_seen(supervise: Supervise):
    """Python does not wait in such a call, and asks later what has come of it."""
    patient = "import socket\ntry: socket.create_connection(('127.0.0.1', {port}), 9)\n"
    patient += "except OSError as error: print(type(error).__name__)"
    server = peer("server", UPPER_CASE)
    called = only(supervise(patient.format(port=8080), peers=(server,)), Connected, by=MAIN)
    assert (called.port, called.error) == (8080, None)
    trace = supervise(patient.format(port=8081), peers=(server,))
    called = only(trace, Connected, by=MAIN)
    assert (called.port, called.error) == (8081, "ECONNREFUSED")
    assert output(trace, MAIN) == ["ConnectionRefusedError"]


def test_two_gradings_may_use_the_same_port(supervise: Supervise):
    """Nothing of a run is left at its port when the next one begins."""
    client = peer("c", CLIENT, "hello", begins=AT_8080)
    for _ in range(2):
        trace = supervise(SERVER, peers=(client,), ports=(8080,))
        assert len(having(trace, Listened, port=8080)) == 1
        assert output(trace, peers_of(trace)[0].number) == ["answer: HELLO"]


LEAVES = "import socket\nwith socket.create_connection(('127.0.0.1', 8080)): pass"
RESETS = """
import socket, struct
with socket.create_connection(("127.0.0.1", 8080)) as connection:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""


@pytest.mark.parametrize(("closes", "left"), [("", 3), ("\n        connection.close()", 0)])
def test_connections_that_stay_open_are_counted(supervise: Supervise, closes: str, left: int):
    """Whoever is at the other end may have left long ago; the listening socket does not count."""
    server = "connections = []\n" + SERVER.replace(
        "args=(connection,)).start()", "args=(connection,)).start()" + closes
    ).replace("_ = server.accept()", "_ = server.accept(); connections.append(connection)")
    clients = (
        peer("stays", CLIENT, "hello", begins=AT_8080),
        peer("leaves", LEAVES, begins=AT_8080),
        peer("resets", RESETS, begins=AT_8080),
    )
    trace = supervise(server, peers=clients)
    assert trace.processes[MAIN].connections == left


@pytest.mark.parametrize("schedule", ["child-first", "parent-first", "random:5"])
def test_a_schedule_with_peers_gives_the_same_trace_again(supervise: Supervise, schedule: str):
    """Peers take part in the order, by their names."""
    clients = tuple(peer(f"c{n}", CLIENT, f"hello{n}", begins=AT_8080) for n in range(2))
    order = parse_schedule(schedule)
    traces = [supervise(SERVER, peers=clients, schedule=order) for _ in range(3)]
    stories = [[(type(e).__name__, e.at, e.by) for e in trace.events] for trace in traces]
    assert stories[0] == stories[1] == stories[2]


SENDS = {
    "sendall": "connection.sendall(data)",
    "sendmsg": "connection.sendmsg([data])",
    "a file": "connection.makefile('wb', 0).write(data)",
    "os.write": "os.write(connection.fileno(), data)",
    "writev": "os.writev(connection.fileno(), [data])",
    "a copy": "os.write(os.dup(connection.fileno()), data)",
}


def test_who_answers_is_known_however_he_sends(supervise: Supervise):
    """Of two connections of one client a child answers the first and main the second."""
    ways = "\n".join(f"        {way}" for way in SENDS.values())
    trace = supervise(
        f"""
import os, socket
from multiprocessing import Process

def answer(connection):
    data = connection.recv(1)
    with connection:
{ways}

if __name__ == "__main__":
    server = socket.create_server(("127.0.0.1", 8080))
    first, _ = server.accept()
    child = Process(target=answer, args=(first,))
    child.start()
    first.close()
    second, _ = server.accept()
    answer(second)
    child.join()
""",
        peers=(peer("client", CALLS_TWICE, begins=AT_8080),),
    )
    (client,) = peers_of(trace)
    assert output(trace, client.number) == [str(len(SENDS))] * 2
    answered = [each.answered for each in trace.processes if each.role is not Role.PEER]
    assert answered == [(Connection(client.number, 2),), (Connection(client.number, 1),)]


CALLS_TWICE = """
import socket
for _ in range(2):
    with socket.create_connection(("127.0.0.1", 8080)) as connection:
        connection.sendall(b"x")
        print(len(connection.recv(100, socket.MSG_WAITALL)))
"""
