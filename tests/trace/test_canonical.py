"""What is a run's own is replaced by who or what it stands for; all else is as it was."""

from __future__ import annotations

from dataclasses import replace

from grader.trace import MAIN, Connected, Listened, Trace
from grader.trace.canonical import canonical
from tests.building import Story, lines_of, s


def told(text: str, shift: int = 0) -> Trace:
    """A run in which main prints a text; its pids are greater by ``shift``."""
    story = Story()
    story.start(at=s(0.01))
    story.prints(MAIN, text, at=s(0.02))
    trace = story.trace()
    processes = tuple(
        replace(each, pid=each.pid + shift, parent_pid=(each.parent_pid or 0) + shift)
        for each in trace.processes
    )
    return replace(trace, processes=processes)


def text_of(trace: Trace) -> str:
    (line,) = lines_of(trace)
    return line.text


def test_pids_in_texts_become_roles() -> None:
    """A number that is the pid of a process is told as that process."""
    trace = told("main 4321, child 4324!")
    assert text_of(canonical(trace)) == "main <main>, child <process 1>!"


def test_other_numbers_stay() -> None:
    """A number within another one, a word or a fraction is no pid."""
    text = "14321 43210 x4321 4321.5 0.4321 3.4321"
    assert text_of(canonical(told(text))) == text


def test_a_uuid_holds_no_pid() -> None:
    """A group of a UUID is digits only now and then, and then it may equal a pid by chance."""
    text = "1f0c4321-4321-4324-9abc-0123456789ab"
    assert text_of(canonical(told(text))) == text


def test_the_parent_of_main_is_outside() -> None:
    """Whoever started main is no process of the run."""
    trace = told("child of 4000")
    main = replace(trace.processes[MAIN], parent_pid=4000)
    trace = canonical(replace(trace, processes=(main, *trace.processes[1:])))
    assert text_of(trace) == "child of <outside>"
    assert [process.parent_pid for process in trace.processes] == [-1, 0]


def test_addresses_are_numbered_as_they_come() -> None:
    """The same address is the same again; what is too short for one is a number."""
    text = "<A at 0x7ffff6d3c1d0> <B at 0x7ffff6d3c2e0> <A at 0x7ffff6d3c1d0> 0xff"
    assert text_of(canonical(told(text))) == (
        "<A at <address 1>> <B at <address 2>> <A at <address 1>> 0xff"
    )


def test_ports_that_the_kernel_chose_are_numbered() -> None:
    """A port that the program chose itself stays."""
    trace = told("listens at 40001, not at 8080")
    events = (*trace.events, Listened(s(1), MAIN, "127.0.0.1", 40001))
    events = (*events, Connected(s(2), MAIN, "127.0.0.1", 8080))
    trace = canonical(replace(trace, events=events))
    assert text_of(trace) == "listens at <port 1>, not at 8080"
    assert [getattr(event, "port", None) for event in trace.events[-2:]] == [1, 8080]


def test_what_differs_by_nature_only_is_equal() -> None:
    """Two runs with other pids and other CPU time are told alike."""
    one = told("I am 4324")
    other = told("I am 5324", shift=1000)
    other = replace(other, cpu=s(1), output_bytes=99)
    assert one != other
    assert canonical(one) == canonical(other)


def test_what_differs_otherwise_stays_different() -> None:
    """Another text, or another time, is another run."""
    assert canonical(told("one")) != canonical(told("two"))
    later = told("one")
    assert canonical(later) != canonical(replace(later, duration=later.duration + 1))
