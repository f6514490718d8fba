"""The questions that one can ask of a trace."""

from hypothesis import given
from hypothesis import strategies as st

from grader.trace import MAIN, Printed, Process, StartMethod, Stream, Trace, WaitedFor
from grader.trace import questions as ask
from tests.building import Story, s


def serial() -> Trace:
    """Two children, one after the other."""
    story = Story()
    for start in (0.01, 1.02):
        child = story.start(at=s(start))
        story.ends(child, at=s(start + 1))
        story.waits(MAIN, child, began=s(start + 0.005), at=s(start + 1))
    story.ends(MAIN, at=s(2.1))
    return story.trace()


def parallel() -> Trace:
    """Two children at once."""
    story = Story()
    first = story.start(at=s(0.01))
    second = story.start(at=s(0.02))
    story.ends(first, at=s(1.01))
    story.ends(second, at=s(1.02))
    story.ends(MAIN, at=s(1.1))
    return story.trace()


def members(trace: Trace) -> tuple[Process, ...]:
    return ask.children_of(trace, MAIN)


def test_children_are_who_the_student_created() -> None:
    """Helpers, grandchildren and other programs are no children of main."""
    story = Story(StartMethod.SPAWN)
    story.helper(at=s(0.01))
    child = story.start(at=s(0.02))
    story.start(child, at=s(0.03))
    story.start(at=s(0.04), method=StartMethod.SUBPROCESS)
    assert [each.number for each in ask.children_of(story.trace(), MAIN)] == [child]
    assert [each.number for each in ask.created(story.trace())] == [2, 3, 4]


def test_alive_together() -> None:
    """They are together from the last birth on, if it comes before the first end."""
    assert ask.alive_together(parallel(), members(parallel())) == s(0.02)
    assert ask.alive_together(serial(), members(serial())) is None


def test_nobody_is_never_together() -> None:
    """An empty group is alive at no instant."""
    assert ask.alive_together(serial(), ()) is None


def test_touching_is_no_overlap() -> None:
    """A child that starts at the very instant of the other's end does not overlap it."""
    assert ask.overlap(serial(), members(serial())) is None
    story = Story()
    first = story.start(at=s(0.01))
    story.ends(first, at=s(1))
    story.ends(story.start(at=s(1)), at=s(2))
    assert ask.overlap(story.trace(), members(story.trace())) is None


def test_overlap_names_the_pair() -> None:
    """The first two that overlap, the older one first."""
    pair = ask.overlap(parallel(), members(parallel()))
    assert pair is not None
    assert [each.number for each in pair] == [1, 2]


def test_alive_to_the_end_of_the_run() -> None:
    """Who did not end is alive until the run's last event."""
    story = Story()
    story.start(at=s(0.01))
    story.ends(story.start(at=s(0.02)), at=s(3))
    assert ask.overlap(story.trace(), members(story.trace())) is not None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=5))
def test_all_together_overlap(spans: list[tuple[int, int]]) -> None:
    """In a group of two or more that is all together two overlap."""
    story = Story()
    for start, length in spans:
        story.ends(story.start(at=s(start), begins=s(start)), at=s(start + length))
    trace = story.trace()
    together = ask.alive_together(trace, members(trace)) is not None
    assert not together or ask.overlap(trace, members(trace)) is not None


def test_waited_for() -> None:
    """A wait is the student's own; what the shutdown collects is not waited for."""
    story = Story()
    quick, slow = story.start(at=s(0.01)), story.start(at=s(0.02))
    story.ends(quick, at=s(1))
    story.waits(MAIN, quick, at=s(1.1))
    story.code_ends(MAIN, at=s(1.2))
    story.ends(slow, at=s(2))
    story.waits(MAIN, slow, at=s(2), in_shutdown=True)
    trace = story.trace()
    assert ask.waited_for(trace, quick) == WaitedFor(s(1.1), MAIN, quick)
    assert ask.waited_for(trace, quick, by=slow) is None
    assert ask.waited_for(trace, slow) is None


def asked_to_end(
    *, ends: float, signal: int = 15, in_shutdown: bool = False, ignored: bool = False
) -> ask.EndedBy | None:
    """Who ended a child that main asked to end at 1 s, and that ended with status 0."""
    story = Story()
    child = story.start(at=s(0.01))
    story.signals(MAIN, child, at=s(1), signal=signal, in_shutdown=in_shutdown, ignored=ignored)
    story.ends(child, at=s(ends))
    return ask.ended_by(story.trace(), child)


def test_a_child_that_deals_with_sigterm_was_ended_by_it() -> None:
    """It exits in its handler, or at the flag that this has set, or tidies up first: it is gone
    soon.
    """
    assert asked_to_end(ends=1.001) == MAIN
    assert asked_to_end(ends=1.7) == MAIN
    assert asked_to_end(ends=1.1, in_shutdown=True) == "shutdown"


def test_a_child_that_goes_on_ends_by_itself() -> None:
    """It ignores the signal, or its handler returns to what it broke off."""
    assert asked_to_end(ends=1.1, ignored=True) == "itself"
    assert asked_to_end(ends=2.2) == "itself"
    assert asked_to_end(ends=1.1, signal=10) == "itself"
    assert asked_to_end(ends=0.9) == "itself"


def test_ended_by() -> None:
    """By itself, by a process's own code, by the shutdown, by a fault or by the grader."""
    story = Story()
    a, b, c, d, e, f = (story.start(at=s(n / 100)) for n in range(6))
    story.ends(a, at=s(0.5), exit_status=3)
    story.signals(MAIN, b, at=s(0.6))
    story.ends(b, at=s(0.6), signal=15, sender=MAIN)
    story.ends(c, at=s(0.7), signal=11)
    story.code_ends(MAIN, at=s(0.8))
    story.signals(MAIN, d, at=s(0.8), in_shutdown=True)
    story.ends(d, at=s(0.8), signal=15, sender=MAIN)
    story.left_alive(e)
    ends = [ask.ended_by(story.trace(), child) for child in (a, b, c, d, e, f)]
    assert ends == ["itself", MAIN, "kernel", "shutdown", "grader", None]


def test_a_kill_after_the_code_is_the_shutdowns() -> None:
    """Whoever main signals after its own code is over, the student did not."""
    story = Story()
    child = story.start(at=s(0))
    story.code_ends(MAIN, at=s(1))
    story.signals(MAIN, child, at=s(1))
    story.ends(child, at=s(1), signal=15, sender=MAIN)
    assert ask.ended_by(story.trace(), child) == "shutdown"


def test_prompts() -> None:
    """What a process left unended when it asked for input; no other line, and nobody else's."""
    story = Story()
    child = story.start(at=s(0))
    story.prints(MAIN, "warning", at=s(1), stream=Stream.STDERR)
    story.asks(MAIN, at=s(2))
    story.prints(MAIN, "name: ", at=s(3), stream=Stream.STDERR, ended=False)
    story.prints(child, "working", at=s(3.5), ended=False)
    story.asks(MAIN, "name: ", at=s(4))
    story.prints(MAIN, "name: ", at=s(5), ended=False)
    assert [(line.at, line.text) for line in ask.prompts_of(story.trace())] == [(s(3), "name: ")]


def test_first_and_between() -> None:
    """The first event of a kind, and all events of a span with its ends."""
    story = Story()
    for at in (1, 2, 3):
        story.prints(MAIN, str(at), at=s(at))
    trace = story.trace()
    assert ask.first(trace, Printed, lambda line: line.text > "1") == Printed(s(2), MAIN, "2")
    assert ask.first(trace, WaitedFor) is None
    assert [event.at for event in ask.between(trace, s(2), s(3))] == [s(2), s(3)]


def test_survivors() -> None:
    """Who lives on after main; helpers and the ended do not count, nor anyone while main lives."""
    story = Story()
    story.helper(at=s(0))
    ended, late, endless = (story.start(at=s(n / 100)) for n in (1, 2, 3))
    story.ends(ended, at=s(1))
    assert ask.survivors(story.trace()) == ()
    story.ends(MAIN, at=s(2))
    story.ends(late, at=s(3))
    story.left_alive(endless)
    assert [each.number for each in ask.survivors(story.trace())] == [late, endless]
