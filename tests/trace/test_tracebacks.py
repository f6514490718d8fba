"""The exceptions of a run, read from what Python wrote about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.trace import MAIN, Location, Stream, Trace
from grader.trace.tracebacks import Frame, spoken, tracebacks
from tests.building import Story, s

IN_MAIN = """
Traceback (most recent call last):
  File "/home/li/student.py", line 10, in <module>
    p.start()
  File "/usr/lib/python3.11/multiprocessing/process.py", line 115, in start
    assert self._popen is None, 'cannot start a process twice'
           ^^^^^^^^^^^^^^^^^^^
AssertionError: cannot start a process twice
"""

IN_A_CHILD = """
Process Process-1:
Traceback (most recent call last):
  File "/home/li/student.py", line 4, in f
    1/0
    ~^~
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.11/multiprocessing/process.py", line 314, in _bootstrap
    self.run()
  File "/home/li/student.py", line 6, in f
    raise ValueError("no")
ValueError: no
"""

SYNTAX_ERROR = """
  File "/home/li/student.py", line 1
    print("x"
         ^
SyntaxError: '(' was never closed
"""

SEVERAL_LINES = """
Traceback (most recent call last):
  File "<string>", line 1, in <module>
  File "/usr/lib/python3.12/multiprocessing/spawn.py", line 164, in get_preparation_data
    _check_not_importing_main()
RuntimeError:
        An attempt has been made to start a new process before the
        current process has finished its bootstrapping phase.

        This probably means that you are not using fork.
"""


def dies_of(report: str) -> Trace:
    """Main prints a line, then dies with that report."""
    story = Story()
    story.prints(MAIN, "hello", at=s(0.1))
    story.raises(MAIN, report, at=s(0.2))
    return story.trace()


def test_exception_type_and_message() -> None:
    """The last line of the report says the exception and its message."""
    (report,) = tracebacks(dies_of(IN_MAIN))
    assert report.type == "AssertionError"
    assert report.message == "cannot start a process twice"
    assert report.last_line == "AssertionError: cannot start a process twice"
    assert (report.process, report.at) == (MAIN, s(0.2))


def test_frames() -> None:
    """Frames run from the outermost in; of the library's there are none in the student's files."""
    (report,) = tracebacks(dies_of(IN_MAIN))
    assert report.frames == (
        Frame("/home/li/student.py", 10, "<module>"),
        Frame("/usr/lib/python3.11/multiprocessing/process.py", 115, "start"),
    )
    assert report.places(["student.py"]) == (Location("student.py", 10),)
    assert report.place(["student.py"]) == Location("student.py", 10)


def test_a_file_named_as_the_library_s() -> None:
    """A student's ``process.py`` is not taken for multiprocessing's."""
    (report,) = tracebacks(dies_of(IN_MAIN))
    assert report.places(["process.py"]) == ()
    assert report.place(["process.py"]) is None


def test_chained_exceptions_are_one_report() -> None:
    """The last one was not caught; the one before is its context."""
    (report,) = tracebacks(dies_of(IN_A_CHILD))
    assert report.last_line == "ValueError: no"
    assert report.context is not None
    assert report.context.last_line == "ZeroDivisionError: division by zero"


def test_syntax_error_has_no_header() -> None:
    """Python reports a script that it cannot read without a header and without functions."""
    (report,) = tracebacks(dies_of(SYNTAX_ERROR))
    assert report.last_line == "SyntaxError: '(' was never closed"
    assert report.frames == (Frame("/home/li/student.py", 1, None),)


def test_message_of_several_lines() -> None:
    """Indented lines after the first belong to the message."""
    (report,) = tracebacks(dies_of(SEVERAL_LINES))
    assert report.type == "RuntimeError"
    assert report.message.startswith("An attempt has been made to start a new process")
    assert report.message.endswith("you are not using fork.")


def test_processes_that_report_at_once() -> None:
    """Reports whose lines are interleaved on the terminal are told apart by who wrote them."""
    story = Story()
    child = story.start(at=s(0.01))
    reports = (IN_MAIN.strip("\n").splitlines(), IN_A_CHILD.strip("\n").splitlines())
    for index in range(max(map(len, reports))):
        for who, report in zip((MAIN, child), reports, strict=True):
            if index < len(report):
                at = s(0.1 + index / 100)
                story.prints(who, report[index], at=at, stream=Stream.STDERR)
    assert [(report.process, report.type) for report in tracebacks(story.trace())] == [
        (MAIN, "AssertionError"),
        (child, "ValueError"),
    ]


def test_two_reports_in_a_row() -> None:
    """One process can report two exceptions, as threads do."""
    in_thread = "Exception in thread Thread-1 (work):" + IN_MAIN
    found = tracebacks(dies_of(in_thread + SYNTAX_ERROR.strip("\n")))
    assert [report.type for report in found] == ["AssertionError", "SyntaxError"]


CAUGHT = """
Traceback (most recent call last):
  File "/home/li/student.py", line 4, in f
    1/0
    ~^~
ZeroDivisionError: division by zero
"""


@pytest.mark.parametrize("status", [0, 3])
def test_one_that_was_caught_and_printed(status: int) -> None:
    """``traceback.print_exc()`` is no end: the process goes on to one of its own."""
    story = Story()
    for line in CAUGHT.strip().splitlines():
        story.prints(MAIN, line, at=s(0.2), stream=Stream.STDERR)
    story.prints(MAIN, "hello", at=s(0.3))
    story.ends(MAIN, at=s(0.4), exit_status=status)
    assert tracebacks(story.trace()) == ()
    assert [line.text for line in spoken(story.trace())] == ["hello"]


def test_one_that_was_caught_before_the_last() -> None:
    """Only the last one can have ended the process."""
    found = tracebacks(dies_of(CAUGHT.rstrip() + IN_MAIN))
    assert [report.type for report in found] == ["AssertionError"]


def test_one_whose_process_cannot_end() -> None:
    """Main's code is over, and it waits for its children for ever."""
    story = Story()
    for line in CAUGHT.strip().splitlines():
        story.prints(MAIN, line, at=s(0.2), stream=Stream.STDERR)
    story.code_ends(MAIN, at=s(0.3))
    assert [report.type for report in tracebacks(story.trace())] == ["ZeroDivisionError"]


def test_one_that_a_library_reports() -> None:
    """A queue's thread has no code of the student's that could catch it."""
    report = IN_MAIN.replace("/home/li/student.py", "/usr/lib/python3.11/multiprocessing/queues.py")
    story = Story()
    for line in report.strip().splitlines():
        story.prints(MAIN, line, at=s(0.2), stream=Stream.STDERR)
    story.ends(MAIN, at=s(0.4))
    assert [report.type for report in tracebacks(story.trace())] == ["AssertionError"]


@pytest.mark.parametrize("report", [IN_MAIN, IN_A_CHILD, SYNTAX_ERROR, SEVERAL_LINES])
def test_spoken(report: str) -> None:
    """No line of a report counts as one that the submission printed."""
    assert [line.text for line in spoken(dies_of(report))] == ["hello"]


def test_a_message_that_ends_with_spaces() -> None:
    """As that of the missing guard does from Python 3.11.4 on: they are no line of the child's."""
    assert [line.text for line in spoken(dies_of(SEVERAL_LINES.rstrip() + "\n        "))] == [
        "hello"
    ]


@pytest.mark.parametrize(
    "report",
    ["Traceback (most recent call last):", '  File "student.py", line 3', "Error: not one"],
)
def test_what_only_begins_like_a_report(report: str) -> None:
    """A line that merely looks like a piece of a report is a printed line like any other."""
    assert tracebacks(dies_of(report)) == ()
    assert len(spoken(dies_of(report))) == 2


@given(st.lists(st.sampled_from([*IN_A_CHILD.splitlines(), *SYNTAX_ERROR.splitlines()])))
def test_every_line_is_read_once(lines: list[str]) -> None:
    """Whatever stands on stderr, a line is in at most one report or was spoken."""
    trace = dies_of("\n".join(lines))
    in_reports = [id(line) for report in tracebacks(trace) for line in report.lines]
    assert len(in_reports) == len(set(in_reports))
    assert not {id(line) for line in spoken(trace)} & set(in_reports)


@pytest.mark.parametrize(
    "line", ["MemoryError", "RecursionError: maximum recursion depth exceeded during compilation"]
)
def test_a_script_that_is_nested_too_deeply(line: str) -> None:
    """Python says so in a single line without a place."""
    (report,) = tracebacks(dies_of(line))
    assert (report.type, report.frames) == (line.partition(":")[0], ())


def test_a_line_that_only_looks_like_it() -> None:
    """What comes before others is the script's own."""
    assert tracebacks(dies_of("MemoryError\nand more")) == ()
