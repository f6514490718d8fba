"""From reports of processes about themselves to a trace."""

from __future__ import annotations

import pytest

from grader.selfcheck.births import Ordinals
from grader.selfcheck.recording import Ending, trace_of
from grader.selfcheck.reports import Report, parse_report
from grader.trace import (
    MAIN,
    AskedForInput,
    BlockedInterval,
    Called,
    Connection,
    Location,
    Outcome,
    Printed,
    Role,
    Started,
    StartMethod,
    Stream,
    WaitedFor,
    WaitReason,
    Witness,
)
from grader.trace.questions import (
    code_end,
    end_of,
    ended_by,
    every,
    process,
    start_of,
    survivors,
    waited_for,
)

from ..building import lines_of, s
from .telling import FOLDER, MAIN_PID, Told


def one_child() -> Told:
    told = Told()
    told.main(at=100)
    told.births(
        MAIN_PID,
        11,
        at=100.1,
        name="Process-1",
        daemon=False,
        variable="p",
        file="student.py",
        line=7,
        **{"class": "Process"},
    )
    return told


def test_times_begin_with_the_first_instruction():
    """Whatever the machine's clock says."""
    trace = one_child().trace()
    assert process(trace, MAIN).began == 0
    assert process(trace, 1).started == s(0.1)
    assert process(trace, 1).began == s(0.11)


def test_a_child_is_what_its_parent_says():
    """Name, variable, line: it comes to life as that of the call."""
    trace = one_child().trace()
    child = process(trace, 1)
    assert (child.creator, child.pid, child.parent_pid) == (MAIN, 11, MAIN_PID)
    assert (child.name, child.variable, child.daemon) == ("Process-1", "p", False)
    assert child.started_at == Location("student.py", 7)
    assert child.start_method is StartMethod.FORK


def test_a_trace_says_that_it_is_the_scripts_word():
    """On the real clock, not to be repeated exactly."""
    trace = one_child().trace()
    assert (trace.witness, trace.clock, trace.exact) == (Witness.SCRIPT, "real", False)


def test_a_child_that_ends_itself_has_ended_before_its_parent_knows():
    """By its own word, though the grader saw it go only later."""
    told = one_child()
    told.says(11, "exit", at=101, status=0, cpu=0)
    told.says(MAIN_PID, "waited", at=101.1, child=11, code=0, how="wait")
    told.says(11, "gone", at=101.5)
    trace = told.trace()
    assert process(trace, 1).ended == s(1)
    assert process(trace, 1).exit_status == 0
    assert ended_by(trace, 1) == "itself"
    wait = waited_for(trace, 1)
    assert wait is not None
    assert wait.at == s(1.1)


def test_one_that_was_killed_has_ended_when_its_parent_knows():
    """It does nothing after the signal, but where it was found alive; the grader's eye was late."""
    told = one_child()
    told.says(MAIN_PID, "signal", at=101, target=11, number=15)
    told.says(MAIN_PID, "waited", at=101.2, child=11, code=-15, how="poll", alive=s(101.1))
    told.says(11, "gone", at=101.5)
    trace = told.trace()
    child = process(trace, 1)
    assert (child.exit_status, child.signal) == (None, 15)
    assert child.ended == s(1.1) + 1
    assert ended_by(trace, 1) == MAIN


def test_the_question_that_finds_the_end_comes_after_it():
    """It was reported before it was asked, and the child ended in between."""
    told = one_child()
    told.says(MAIN_PID, "signal", at=101, target=11, number=15)
    told.says(MAIN_PID, "call", at=101.1, function="is_alive", child=11, file="student.py", line=9)
    told.says(MAIN_PID, "call", at=101.3, function="is_alive", child=11, file="student.py", line=9)
    told.says(11, "wrote", at=101.4, stream="stdout", data=b"hello\n")
    told.says(MAIN_PID, "waited", at=101.5, child=11, code=-15, how="poll", alive=s(101.2))
    trace = told.trace()
    end = end_of(trace, 1)
    first, last = every(trace, Called)
    assert end is not None
    assert trace.events.index(first) < trace.events.index(end) < trace.events.index(last)
    assert (first.at, last.at) == (s(1.1), s(1.5))


@pytest.mark.parametrize("by", ["exit", "signal"])
def test_who_was_found_alive_had_not_ended(by: str):
    """Though its connection was closed by then: that comes somewhat before the end."""
    told = one_child()
    if by == "exit":
        told.says(11, "exit", at=101, status=0, cpu=0)
    else:
        told.says(MAIN_PID, "signal", at=101, target=11, number=15)
    told.says(11, "gone", at=101.1)
    told.says(MAIN_PID, "call", at=101.2, function="is_alive", child=11, file="student.py", line=9)
    code = 0 if by == "exit" else -15
    told.says(MAIN_PID, "waited", at=102, child=11, code=code, how="wait", alive=s(101.3))
    trace = told.trace()
    end = end_of(trace, 1)
    (asked,) = every(trace, Called)
    assert end is not None
    assert trace.events.index(asked) < trace.events.index(end)
    assert end.at == s(1.3) + 1


def test_a_sentinel_is_ready_somewhat_before_the_end():
    """Who is found alive after it has not ended by then."""
    told = one_child()
    told.says(MAIN_PID, "waited", at=101, child=11, how="sentinel")
    told.says(MAIN_PID, "waited", at=102, child=11, code=0, how="poll", alive=s(101.1))
    end = end_of(told.trace(), 1)
    assert end is not None
    assert end.at == s(2) - 1


def test_the_shutdown_is_not_the_students():
    """Signals and waits after the end of main's code."""
    told = one_child()
    told.says(MAIN_PID, "code-ended", at=101)
    told.says(MAIN_PID, "signal", at=101.1, target=11, number=15)
    told.says(MAIN_PID, "waited", at=101.2, child=11, code=-15, how="wait")
    trace = told.trace()
    assert code_end(trace, MAIN) is not None
    assert ended_by(trace, 1) == "shutdown"
    assert waited_for(trace, 1) is None


def test_where_nothing_says_how_it_ended_nothing_is_held_against_it():
    """No status and no signal."""
    told = one_child()
    told.says(11, "gone", at=101)
    child = process(told.trace(), 1)
    assert (child.ended, child.exit_status, child.signal) == (s(1), None, None)


def test_who_outlives_main_is_a_survivor():
    """The grader killed it."""
    told = one_child()
    told.says(MAIN_PID, "ended", at=101, code=0)
    told.says(11, "killed", at=110)
    assert [each.number for each in survivors(told.trace())] == [1]


def test_lines_are_put_together_from_what_is_written():
    """Each has its process, its stream, and the time of its last byte."""
    told = one_child()
    told.says(11, "wrote", at=100.2, stream="stdout", data="你好".encode()[:4])
    told.says(MAIN_PID, "wrote", at=100.3, stream="stderr", data=b"main\r\n")
    told.says(11, "wrote", at=100.4, stream="stdout", data="你好".encode()[4:] + b"\nrest")
    trace = told.trace()
    assert lines_of(trace, 1)[0] == Printed(s(0.4), 1, "你好")
    assert lines_of(trace, 1)[1].text == "rest"
    assert not lines_of(trace, 1)[1].ended
    assert lines_of(trace, MAIN) == (Printed(s(0.3), MAIN, "main", Stream.STDERR),)


def test_what_could_not_be_written_was_not_printed():
    """The rest of it is reported again."""
    told = one_child()
    told.says(11, "wrote", at=100.2, stream="stdout", data=b"abcdef")
    told.says(11, "unwrote", at=100.3, stream="stdout", size=3)
    told.says(11, "wrote", at=100.4, stream="stdout", data=b"def\n")
    assert [line.text for line in lines_of(told.trace(), 1)] == ["abcdef"]


def test_a_prompt_is_what_stands_there_when_input_is_asked_for():
    """Whether it was printed before, or is the argument of input()."""
    told = Told()
    told.main(at=1)
    told.says(MAIN_PID, "wrote", at=1.1, stream="stdout", data=b"a\nName")
    told.says(MAIN_PID, "asked", at=1.2)
    told.says(MAIN_PID, "answered", at=1.3)
    told.says(MAIN_PID, "asked", at=1.4, prompt=">>: ")
    trace = told.trace()
    assert [each.prompt for each in every(trace, AskedForInput)] == ["Name", ">>: "]
    assert [line.text for line in lines_of(trace)] == ["a", "Name", ">>: "]


def test_the_probe_is_in_no_traceback():
    """Its frames are taken out, with the code and the marks under them."""
    told = Told()
    told.main(at=1)
    report = (
        "Traceback (most recent call last):\n"
        '  File "student.py", line 3, in <module>\n'
        '    time.sleep("1")\n'
        '  File "/probe/sitecustomize.py", line 9, in sleep\n'
        "    original(seconds)\n"
        "    ~~~~~~~~^^^^^^^^^\n"
        "TypeError: no\n"
    )
    told.says(MAIN_PID, "wrote", at=2, stream="stderr", data=report.encode())
    told.says(MAIN_PID, "ended", at=3, code=1)
    trace = told.trace(probe="/probe")
    assert [line.text for line in lines_of(trace)] == [
        "Traceback (most recent call last):",
        '  File "student.py", line 3, in <module>',
        '    time.sleep("1")',
        "TypeError: no",
    ]
    assert trace.outcome is Outcome.CRASHED


@pytest.mark.parametrize(
    ("pressed", "outcome"), [(True, Outcome.FINISHED), (False, Outcome.CRASHED)]
)
def test_the_end_of_the_input_is_no_fault_when_nothing_is_expected_after_it(
    pressed: bool, outcome: Outcome
):
    """The program may end as it likes; at any other time an EOFError is an error."""
    told = Told()
    told.main(at=1)
    report = b"Traceback (most recent call last):\nEOFError: EOF when reading a line\n"
    told.says(MAIN_PID, "wrote", at=2, stream="stderr", data=report)
    told.says(MAIN_PID, "ended", at=3, code=1)
    trace = told.trace(pressed=pressed)
    assert (trace.outcome, trace.stopped) == (outcome, pressed)


def test_the_folder_is_in_no_text():
    """Nor in lines of the student's file."""
    told = Told()
    told.main(at=1)
    text = f'  File "{FOLDER}/student.py", line 3\n'
    told.says(MAIN_PID, "wrote", at=2, stream="stderr", data=text.encode())
    told.says(MAIN_PID, "call", at=2, function="start", file=f"{FOLDER}/student.py", line=3)
    told.says(MAIN_PID, "call", at=3, function="start", file="/usr/lib/python3/x.py", line=3)
    trace = told.trace()
    assert lines_of(trace)[0].text == '  File "student.py", line 3'
    assert [getattr(each, "line", None) for each in trace.events if each.kind == "called"] == [
        Location("student.py", 3)
    ]


def test_a_helper_is_nobodys_child():
    """The fork server and the resource tracker, by their command; a manager, by who starts it."""
    told = Told()
    told.main(at=1)
    tracker = ["python", "-c", "from multiprocessing.resource_tracker import main;main(5)"]
    told.says(12, "hello", at=1.1, how="program", parent=MAIN_PID, arguments=tracker)
    told.births(MAIN_PID, 13, at=1.2, helper=True)
    trace = told.trace()
    assert [each.role for each in trace.processes] == [Role.MAIN, Role.HELPER, Role.HELPER]
    assert every(trace, Started) == ()


def test_a_child_of_the_fork_server_is_its_creators():
    """Though the kernel says that the server is its parent, and its pid was not told in time."""
    told = Told()
    told.main(at=1)
    server = ["python", "-c", "from multiprocessing.forkserver import main;main(5)"]
    told.says(12, "hello", at=1.1, how="program", parent=MAIN_PID, arguments=server)
    told.says(MAIN_PID, "birth", at=1.2, token=1, method="forkserver", name="Process-1")
    told.says(13, "hello", at=1.3, how="fork", parent=12)
    told.says(13, "began", at=1.3)
    child = process(told.trace(), 2)
    assert (child.creator, child.parent_pid, child.name) == (MAIN, 12, "Process-1")
    assert child.start_method is StartMethod.FORKSERVER


def test_a_birth_that_failed_is_none():
    """`start` raised an error."""
    told = Told()
    told.main(at=1)
    told.says(MAIN_PID, "birth", at=1.2, token=1, method="spawn")
    told.says(MAIN_PID, "unborn", at=1.3, token=1)
    assert len(told.trace().processes) == 1


def test_a_copy_that_nobody_announced_is_a_child():
    """os.fork() in the student's own code."""
    told = Told()
    told.main(at=1)
    told.says(11, "hello", at=1.1, how="fork", parent=MAIN_PID)
    told.says(11, "began", at=1.1)
    trace = told.trace()
    assert process(trace, 1).creator == MAIN
    assert start_of(trace, 1) is not None


def test_another_program_is_no_python_child():
    """It is of `subprocess`, and says nothing of itself."""
    told = Told()
    told.main(at=1)
    told.says(MAIN_PID, "program", at=1.1, child=11, command=["sleep", "1"])
    told.says(11, "gone", at=2.1)
    program = process(told.trace(), 1)
    assert program.start_method is StartMethod.SUBPROCESS
    assert program.command == ("sleep", "1")


def test_a_pid_that_is_used_again_is_another_process():
    """The first one was gone by then."""
    told = one_child()
    told.says(11, "exit", at=101, status=0)
    told.says(11, "gone", at=101)
    told.births(MAIN_PID, 11, at=102)
    trace = told.trace()
    assert [each.number for each in trace.processes] == [0, 1, 2]
    assert process(trace, 1).ended == s(1)


def test_who_was_held_up_stood_in_something():
    """A lock that was free is none; one in which it stands in the end is where it is blocked."""
    told = one_child()
    told.says(11, "block", at=101, reason="lock")
    told.says(11, "unblock", at=102)
    told.says(11, "block", at=103, reason="pipe", file="student.py", line=4)
    told.says(11, "killed", at=105)
    trace = told.trace(outcome=Outcome.DEADLOCK)
    assert [(each.at, each.until) for each in every(trace, BlockedInterval)] == [(s(1), s(2))]
    (blocked,) = trace.blocked
    assert (blocked.obstacle, blocked.line) == (WaitReason.PIPE, Location("student.py", 4))


def test_polling_is_one_wait():
    """It began with the first question."""
    told = one_child()
    told.says(MAIN_PID, "waited", at=102, child=11, code=0, how="poll", polls=70, began=s(101))
    (wait,) = every(told.trace(), WaitedFor)
    assert (wait.how, wait.polls, wait.began) == ("poll", 70, s(1))


def test_a_connection_is_answered_by_who_sends_there():
    """A peer is known by the port from which it calls."""
    told = one_child()
    told.says(20, "peer", at=100.2, name="alice")
    told.says(20, "connect", at=100.3, address="127.0.0.1", port=8080, own=5555)
    told.says(11, "sent", at=100.4, to=5555)
    trace = told.trace()
    assert process(trace, 1).answered == (Connection(2, 1),)
    assert process(trace, 2).name == "alice"


def test_what_is_no_report_is_passed_over():
    """The student's code can write there, too."""
    lines = [b"", b"[1]", b"('a', 1, 2)", b"('a', 1, 'x', {})", b"(" * 10_000, b"\xff", b"a b"]
    assert [parse_report(line) for line in lines] == [None] * len(lines)
    assert parse_report(b"('gone', 3, 4, {'a': 1})") is not None


def test_a_run_of_which_nothing_is_known_has_no_processes():
    """It never came to its first instruction."""
    assert trace_of([], Ending()).processes == ()


def test_a_child_that_comes_up_first_is_not_the_first_worker() -> None:
    """Of children that are started in a row each says which of the births was its own."""
    ordinals = Ordinals()
    for token in (1, 2):
        ordinals.announced(Report("birth", 10, 0, {"token": token, "method": "fork"}))
    hellos = [Report("hello", 10 + token, 0, {"parent": 10, "token": token}) for token in (2, 1)]
    assert [ordinals.label_of(each) for each in hellos] == ["worker-2", "worker-1"]
