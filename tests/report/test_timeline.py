"""Where everything of a timeline goes, and what is written beside it."""

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Finding
from grader.checks.threads import with_threads
from grader.messages import Language
from grader.report.narration import Narrator
from grader.report.timeline import LABELS, Axis, Timeline, draw, lay_out, legend, times_of
from grader.report.timeline.layout import LANES_AT_MOST
from grader.report.timeline.shapes import BAR
from grader.report.timeline.words import place_words, width_of
from grader.trace import MAIN, Called, Connection, Outcome, Preemption, Stream, Trace, WaitReason
from tests.building import SCRIPT, Story, at_line, s
from tests.report.grades import five, not_waited


def laid_out(
    story: Story | Trace, *findings: Finding, language: Language = "en"
) -> tuple[Timeline, Axis]:
    trace = story.trace() if isinstance(story, Story) else story
    axis = Axis(times_of(trace), LABELS + 24, 720)
    return lay_out(Narrator(trace, SCRIPT), axis, findings, language), axis


def timeline(story: Story | Trace, *findings: Finding) -> Timeline:
    return laid_out(story, *findings)[0]


def test_children_stand_under_their_creator() -> None:
    """Grandchildren follow their parent, indented one step more; helpers come last, muted."""
    story = Story()
    first = story.start(at=s(0.01), variable="first")
    story.helper(at=s(0.015))
    story.start(at=s(0.02), variable="second")
    story.start(by=first, at=s(0.03), variable="grandchild")
    lanes = timeline(story).lanes
    assert [(lane.name, lane.depth, lane.is_muted) for lane in lanes] == [
        ("main", 0, False),
        ("first", 1, False),
        ("grandchild", 2, False),
        ("second", 1, False),
        ("multiprocessing's helper", 0, True),
    ]
    assert lanes[1].about == "pid 4324 · child of main"


def test_a_daemon_says_so() -> None:
    """Whether a process is a daemon stands under its name."""
    story = Story()
    story.start(at=s(0.01), daemon=True)
    assert timeline(story).lanes[1].about == "pid 4324 · daemon"


def test_join_all_waits_in_main_until_each_end() -> None:
    """Main's bar says whom it waits for, and an arrow goes up to it from every end."""
    drawn = timeline(five())
    waits = [span for span in drawn.spans if span.kind == "waiting"]
    assert waits[0].words == "waits for Process-1"
    assert [span.title for span in waits] == [
        f"waits for Process-{n} (line 15)" for n in range(1, 6)
    ]
    main, *workers = drawn.lanes
    up = [arrow for arrow in drawn.arrows if arrow.kind == "wait"]
    assert [arrow.start for arrow in up] == [lane.y for lane in workers]
    assert {arrow.end for arrow in up} == {main.y + BAR}
    assert not any(arrow.in_shutdown for arrow in up)
    down = [arrow for arrow in drawn.arrows if arrow.kind == "start"]
    assert [arrow.end for arrow in down] == [lane.y for lane in workers]


def test_the_shutdown_waits_in_other_words() -> None:
    """What multiprocessing waits for at the end is not taken for the student's wait."""
    drawn = timeline(five(joined=False))
    waits = [span for span in drawn.spans if span.kind == "waiting"]
    assert waits[0].title == "shutdown waits for Process-1"
    assert waits[0].words == "shutdown waits"
    assert all(arrow.in_shutdown for arrow in drawn.arrows if arrow.kind == "wait")


def test_a_violated_relation_has_a_row_of_its_own() -> None:
    """It points from what should come first to what came too early, above all lanes."""
    trace = five(joined=False)
    finding = not_waited(trace)
    drawn, axis = laid_out(trace, finding, finding)
    (callout,) = drawn.callouts
    (from_x, from_y), (to_x, to_y) = callout.ends
    assert (from_x, to_x) == (axis.x(s(1.0095)), axis.x(s(0.009)))
    assert (from_y, to_y) == (drawn.lanes[5].middle, drawn.lanes[0].middle)
    assert (callout.words, callout.check, callout.holds) == ("not waited for", "waits", False)
    assert callout.y < drawn.lanes[0].y


def test_two_instants_nearly_at_once_are_drawn_apart() -> None:
    """Which one came first is seen, whichever way the relation points."""
    trace = five(joined=False)
    finding = not_waited(trace)
    (relation,) = finding.relations
    near = replace(relation.start, at=relation.end.at + 1000)
    for start, end in ((near, relation.end), (relation.end, near)):
        shown = replace(finding, relations=(replace(relation, start=start, end=end),))
        (callout,) = timeline(trace, shown).callouts
        (from_x, _), (to_x, _) = callout.ends
        assert abs(from_x - to_x) >= 9
        assert (from_x < to_x) is (start.at < end.at)


def test_a_call_of_start_names_the_process_that_it_starts() -> None:
    """As the lanes do, though the object had no number when it was called."""
    story = Story()
    story.calls(MAIN, "start", at=s(0.1), line=8, name="Process-1")
    story.start(at=s(0.1), line=8, variable="p", name="Process-1")
    narrator = Narrator(story.trace(), SCRIPT)
    (call,) = narrator.trace.of_kind(Called)
    assert narrator.what(call).in_language("en") == "calls p.start() (line 8)"


def test_a_number_of_a_line_is_never_cut() -> None:
    """A label that is too long is written without the line."""
    for name, label in (("p", "waits for p (line 1234)"), ("a_" * 14, f"waits for {'a_' * 14}")):
        story = Story()
        child = story.start(at=s(0.001), variable=name)
        story.ends(child, at=s(0.009))
        story.waits(MAIN, child, began=s(0.002), at=s(0.009), line=1234)
        trace = story.trace()
        axis = Axis(times_of(trace), LABELS + 24, 2000)
        drawn = lay_out(Narrator(trace, SCRIPT), axis, (), "en")
        assert label in [span.words for span in drawn.spans]


def test_ended_but_not_collected() -> None:
    """Between its end and its parent's wait a process is neither alive nor gone."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.ends(child, at=s(0.5))
    story.waits(MAIN, child, at=s(2))
    story.ends(MAIN, at=s(2.1))
    drawn, axis = laid_out(story)
    (gone,) = [span for span in drawn.spans if span.kind == "uncollected"]
    assert (gone.x, gone.x + gone.width) == (axis.x(s(0.5)), axis.x(s(2)))


def looks_again(*, pauses: int, each: float = 0.1, begins: float = 0.03) -> Story:
    """A child ends within 10 ms; main sleeps and looks again until it is stopped."""
    story = Story()
    child = story.start(at=s(0.001), variable="p")
    story.prints(child, "hello", at=s(0.004))
    story.ends(child, at=s(0.009))
    for count in range(pauses):
        at = begins + count * (each + 0.001)
        story.sleeps(MAIN, at=s(at), until=s(at + each))
    story.outcome(Outcome.TIME_LIMIT)
    return story


def test_a_loop_that_only_sleeps_does_not_take_the_axis() -> None:
    """What happened in its first 30 ms has most of it, and the minute after that is a break."""
    drawn, axis = laid_out(looks_again(pauses=590))
    (idle,) = axis.breaks
    assert idle.length > s(59)
    assert axis.x(s(0.009)) - axis.x(s(0.001)) > 100
    (sleep,) = [span for span in drawn.spans if span.kind == "asleep"]
    assert (sleep.words, sleep.title) == ("sleeps 590 times", "sleeps 590 times")
    assert sleep.x == axis.x(s(0.03))
    assert sleep.x + sleep.width >= idle.x1


def test_the_time_is_right_on_both_sides_of_a_break() -> None:
    """A label before it, a label after it, each where that time is."""
    story = looks_again(pauses=590)
    _, axis = laid_out(story)
    (idle,) = axis.breaks
    ticks = axis.ticks()
    before = [tick for tick in ticks if tick.x <= idle.x0]
    after = [tick for tick in ticks if tick.x >= idle.x1]
    assert before
    assert after
    for tick in ticks:
        assert abs(axis.x(s(float(tick.label))) - tick.x) < 1


def test_a_few_sleeps_are_each_drawn() -> None:
    """Of what is done a few times every instant has its place."""
    drawn, axis = laid_out(looks_again(pauses=5))
    assert [span.words for span in drawn.spans if span.kind == "asleep"][:4] == [
        "sleeps 0.10 s"
    ] * 4
    assert axis.breaks == ()


def test_a_loop_of_waits_with_a_timeout_is_one_wait() -> None:
    """It says how often; the last one, which the end of the run breaks off, is among them."""
    story = Story()
    child = story.start(at=s(0.001), variable="p")
    for count in range(300):
        story.gives_up_waiting(MAIN, child, began=s(0.02 + 0.1 * count), at=s(0.119 + 0.1 * count))
    story.outcome(Outcome.TIME_LIMIT)
    trace = story.trace()
    trace = replace(trace, events=trace.events[:-1])  # the last one was not over
    drawn, axis = laid_out(trace)
    (wait,) = [span for span in drawn.spans if span.kind == "waiting"]
    assert (wait.title, wait.words) == ("waits for p, 300 times in vain", "waits for p")
    assert wait.x == axis.x(s(0.02))
    assert wait.x + wait.width == axis.x(trace.duration)
    assert axis.breaks[-1].length > s(29)


def test_a_wait_with_news_in_it_stands_before_the_loop() -> None:
    """It ends where it timed out, and the loop begins after it."""
    story = Story()
    child = story.start(at=s(0.001), variable="p")
    for count in range(20):
        story.gives_up_waiting(MAIN, child, began=s(0.1 * count + 0.02), at=s(0.1 * count + 0.1))
    story.prints(child, "news", at=s(0.05))
    story.ends(MAIN, at=s(2.1))
    drawn, axis = laid_out(story)
    loop, first = [span for span in drawn.spans if span.kind == "waiting"]
    assert (first.x, first.x + first.width) == (axis.x(s(0.02)), axis.x(s(0.1)))
    assert loop.x == axis.x(s(0.12))


def test_who_is_stuck_is_seen_to_wait() -> None:
    """Also where it used more CPU time than has passed since its last event."""
    story = Story()
    child = story.start(at=s(0.001), variable="p")
    story.prints(child, "hello", at=s(0.020))
    story.prints(MAIN, "waiting", at=s(0.024))
    story.blocks(child, WaitReason.LOCK)
    story.outcome(Outcome.DEADLOCK)
    trace = story.trace()
    main, p = trace.processes
    drawn, axis = laid_out(replace(trace, processes=(main, replace(p, cpu=s(0.01)))))
    (wait,) = [span for span in drawn.spans if span.kind == "waiting"]
    assert wait.x == axis.x(s(0.020))


def test_sleeps_with_news_between_are_no_repetition() -> None:
    """A line after each sleep is news, and so is another process's."""
    story = Story()
    child = story.start(at=s(0.001), variable="p")
    for count in range(30):
        story.sleeps(MAIN, at=s(0.1 * count + 0.01), until=s(0.1 * count + 0.09))
        story.prints(child, "tick", at=s(0.1 * count + 0.095))
    drawn = timeline(story)
    assert len([span for span in drawn.spans if span.kind == "asleep"]) == 30


def test_two_runs_break_their_one_axis_at_the_same_places() -> None:
    """One ends after a second, the other sleeps to the limit: both are read on one axis."""
    ends, loops = five(), looks_again(pauses=590, begins=1.02).trace()
    axis = Axis(times_of(ends) | times_of(loops), LABELS + 24, 720)
    assert [round(idle.length / s(1)) for idle in axis.breaks] == [1, 59]
    assert axis.x(s(0.009)) - axis.x(s(0.001)) > 100


def test_a_sleep_ends_with_the_sleeper() -> None:
    """Who is killed in its sleep slept no longer than that."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.sleeps(child, at=s(0.2), until=s(10))
    story.signals(MAIN, child, at=s(0.7), line=9)
    story.ends(child, at=s(0.7), signal=15, sender=MAIN)
    story.ends(MAIN, at=s(0.8))
    drawn = timeline(story)
    (sleep,) = [span for span in drawn.spans if span.kind == "asleep"]
    assert sleep.words == "sleeps 0.50 s"
    (signal,) = [point for point in drawn.points if point.kind == "signal"]
    assert signal.words == "SIGTERM → p"
    assert signal.title == "0.70 s · main: sends SIGTERM to p (line 9)"
    assert [(end.kind, end.words) for end in drawn.ends] == [
        ("well", "exit 0 · 0.80 s"),
        ("by-signal", "SIGTERM · 0.70 s"),
    ]


def test_how_it_ended() -> None:
    """An exit status that is not 0 is told apart by shape and words."""
    story = Story()
    child = story.start(at=s(0.1))
    story.ends(child, at=s(0.5), exit_status=3)
    ends = timeline(story).ends
    assert [(end.kind, end.words) for end in ends] == [
        ("alive", "still alive"),
        ("badly", "exit 3 · 0.50 s"),
    ]


def test_a_deadlock_says_who_waits_for_whom() -> None:
    """Who is stuck says so at the end of its lane, and its wait reaches the end of the run."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.gives_up_waiting(MAIN, child, began=s(0.2), at=s(0.3))
    story.prints(child, "x", at=s(0.4))
    story.blocks(MAIN, WaitReason.CHILD, child)
    story.blocks(child, WaitReason.PIPE, writing=True)
    story.outcome(Outcome.DEADLOCK)
    assert [end.words for end in timeline(story).ends] == [
        "stuck: waits for p",
        "stuck: waits for a queue or pipe",
    ]


def test_who_is_stopped_by_a_limit_is_not_stuck() -> None:
    """It could have gone on: it was stopped at work, in its sleep, or in a wait."""
    story = Story()
    sleeper = story.start(at=s(0.1), variable="p")
    waiter = story.start(at=s(0.2), variable="q")
    story.sleeps(sleeper, at=s(0.3), until=s(100))
    story.prints(waiter, "x", at=s(60))
    story.blocks(MAIN, WaitReason.OTHER)
    story.blocks(sleeper, WaitReason.SLEEP)
    story.blocks(waiter, WaitReason.LOCK)
    story.outcome(Outcome.TIME_LIMIT)
    assert [end.words for end in timeline(story).ends] == [
        "stopped",
        "stopped in its sleep",
        "stopped: waited for a lock",
    ]


def test_who_serves_until_it_is_stopped_is_not_stuck() -> None:
    """That a server still waits for the next connection is no fault."""
    story = Story()
    story.start(at=s(0.1), variable="p")
    story.prints(MAIN, "x", at=s(2))
    story.blocks(MAIN, WaitReason.CLIENT)
    story.is_stopped()
    assert timeline(story).ends[0].words == "still waits for a client"


def test_the_last_wait_is_drawn() -> None:
    """From the last that a process is known to have done, computing included, to the end."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.prints(child, "x", at=s(0.2))
    story.prints(MAIN, "y", at=s(1))
    story.blocks(child, WaitReason.LOCK)
    story.outcome(Outcome.DEADLOCK)
    trace = story.trace()
    main, p = trace.processes
    trace = replace(trace, processes=(main, replace(p, cpu=s(0.3))))
    drawn, axis = laid_out(trace)
    (wait,) = [span for span in drawn.spans if span.kind == "waiting"]
    assert (wait.x, wait.x + wait.width) == (axis.x(s(0.5)), axis.x(s(1)))
    assert wait.title == "waits for a lock"


def test_a_wait_for_a_lock_is_drawn() -> None:
    """Who waits is not at work, though no call of its own says so."""
    story = Story()
    p = story.start(at=s(0.1), variable="p")
    story.idles(p, WaitReason.LOCK, at=s(0.2), until=s(1))
    story.prints(p, "mine", at=s(1.1))
    story.ends(p, at=s(1.2))
    story.ends(MAIN, at=s(1.3))
    drawn, axis = laid_out(story)
    (wait,) = [span for span in drawn.spans if span.kind == "waiting"]
    assert (wait.x, wait.x + wait.width) == (axis.x(s(0.2)), axis.x(s(1)))
    assert wait.title == "waits for a lock"


def test_a_wait_for_the_keyboard_is_drawn() -> None:
    """From the question to the answer, and to the end where there is none."""
    story = Story()
    story.asks(MAIN, ">>: ", at=s(0.1))
    story.types(MAIN, "hello", at=s(1))
    story.asks(MAIN, ">>: ", at=s(1.5))
    story.prints(MAIN, "", at=s(2))
    story.blocks(MAIN, WaitReason.INPUT)
    story.outcome(Outcome.WAITING_FOR_INPUT)
    drawn, axis = laid_out(story)
    waits = [span for span in drawn.spans if span.kind == "waiting"]
    assert [(span.x, span.x + span.width) for span in waits] == [
        (axis.x(s(0.1)), axis.x(s(1))),
        (axis.x(s(1.5)), axis.x(s(2))),
    ]
    assert {span.title for span in waits} == {"waits for the keyboard"}


def test_polling_is_told_from_waiting() -> None:
    """Asking `is_alive()` in a loop is work, not a wait."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.ends(child, at=s(1))
    story.waits(MAIN, child, at=s(1), began=None, how="poll", polls=400)
    trace = story.trace()
    events = tuple(
        type(event)(**{**vars(event), "began": s(0.2)}) if event.kind == "waited-for" else event
        for event in trace.events
    )
    drawn = timeline(Trace(trace.processes, events, trace.outcome, trace.duration))
    (asks,) = [span for span in drawn.spans if span.kind == "polling"]
    assert asks.title == "asks again and again: is p alive?"


def test_two_questions_are_no_polling() -> None:
    """Who asks `is_alive()`, sleeps, and asks once more was asleep in between."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    story.ends(child, at=s(0.3))
    story.sleeps(MAIN, at=s(0.25), until=s(1.25))
    story.waits(MAIN, child, began=s(0.2), at=s(1.26), how="poll", polls=1)
    spans = timeline(story).spans
    assert "polling" not in {span.kind for span in spans}
    (sleep,) = [span for span in spans if span.kind == "asleep"]
    assert sleep.words == "sleeps 1.00 s"


def test_of_a_traceback_the_last_line_is_written() -> None:
    """Its other lines are marks without words."""
    story = Story()
    child = story.start(at=s(0.1), variable="p")
    report = (
        "Process Process-1:\nTraceback (most recent call last):\n"
        '  File "student.py", line 3, in f\n    1 / 0\nZeroDivisionError: division by zero'
    )
    story.raises(child, report, at=s(0.2))
    points = [point for point in timeline(story).points if point.kind == "stderr"]
    assert [point.words for point in points if point.row] == ["ZeroDivisionError: division b…"]
    assert sum(point.count for point in points) == 5


def test_marks_at_one_place_are_one() -> None:
    """Lines that were printed together have one mark, which tells the first six."""
    story = Story()
    for n in range(9):
        story.prints(MAIN, f"line {n}", at=s(0.5))
    story.ends(MAIN, at=s(1))
    points = timeline(story).points
    assert [point.words for point in points] == ["line 0", "line 1", "line 2"]
    assert points[-1].count == 7
    assert points[-1].title.splitlines() == [
        *(f"0.50 s · main: prints: line {n}" for n in range(2, 8)),
        "…",
    ]


@given(st.lists(st.tuples(st.floats(0, 700), st.text(max_size=30)), max_size=40))
def test_words_never_touch(items: list[tuple[float, str]]) -> None:
    """In one row of one lane no two words overlap, and none reaches beyond the edge."""
    right = 900.0
    words = [(index, 0, x, said) for index, (x, said) in enumerate(sorted(items))]
    placed = place_words(words, right)
    rows: dict[int, list[tuple[float, float]]] = {}
    for each in placed.values():
        rows.setdefault(each.row, []).append((each.x, each.x + width_of(each.words)))
        assert each.x + width_of(each.words) <= right + 0.01
    assert set(rows) <= {1, 2, 3}
    for taken in rows.values():
        taken.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(taken))


def test_long_names_are_told_apart() -> None:
    """A long name loses its middle, not its number."""
    story = Story()
    for n in range(2):
        story.start(at=s(0.01 + n), variable=f"a_worker_with_quite_a_long_name_{n}")
    first, second = [lane.name for lane in timeline(story).lanes[1:]]
    assert (first, second) == ("a_worker_with_qu…ame_0", "a_worker_with_qu…ame_1")


def test_too_many_processes() -> None:
    """Of a fork bomb the first lanes are drawn, and it is said how many are not."""
    story = Story()
    for n in range(100):
        story.start(at=s(0.001 * n))
    drawn = timeline(story)
    assert len(drawn.lanes) == LANES_AT_MOST
    assert drawn.left_out == 101 - LANES_AT_MOST


def test_a_long_line_of_descent() -> None:
    """A process whose child has a child, and so on: drawn without recursing, names in place."""
    story = Story()
    parent = MAIN
    for n in range(2_000):
        parent = story.start(by=parent, at=n, name=f"p{n}")
    drawn = timeline(story)
    assert all(lane.x < LABELS / 2 for lane in drawn.lanes)


def test_two_runs_on_one_axis() -> None:
    """What happens at one time stands at one place in both drawings."""
    first, second = five(), five(joined=False)
    axis = Axis(times_of(first) | times_of(second), LABELS, 720)
    ends = [
        [end.x for end in lay_out(Narrator(trace, SCRIPT), axis, (), "en").ends]
        for trace in (first, second)
    ]
    assert ends[0] == ends[1]


def test_the_drawing_escapes_and_links() -> None:
    """Names and lines are text; each mark leads to its event in the table."""
    story = Story()
    story.prints(MAIN, "<script>", at=s(0.1), stream=Stream.STDERR)
    drawn, axis = laid_out(story)
    svg = draw(drawn, axis, 2, "<b>", "en", {1: "event-2-1"})
    assert "<script" not in svg
    assert "<b>" not in svg
    assert 'href="#event-2-1"' in svg
    assert "href" not in draw(drawn, axis, 2, "<b>", "en")
    assert "style=" not in svg


def test_the_legend_has_what_occurs() -> None:
    """Nothing that is not drawn is explained."""
    entries = legend([timeline(five(joined=False), not_waited(five(joined=False)))])
    assert [entry.meaning.in_language("en") for entry in entries] == [
        "started, its first instruction still to come",
        "alive: at work, or in a wait too short to be drawn",
        "asleep",
        "waits for something",
        "ended, but not collected yet",
        "starts a process",
        "its end is noticed by the one who waits",
        "prints a line",
        "main's own code is over, its shutdown begins",
        "ended with exit status 0",
        "what a check expected otherwise",
    ]
    assert all(re.search(r'class="(span|arrow|mark|end|relation)', e.drawing) for e in entries)


def test_who_waits_for_whom_in_a_circle() -> None:
    """Each has an arrow to the other, with its line, and a wait in pieces is one bar."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.idles(MAIN, WaitReason.LOCK, at=s(0.5), until=s(1))
    story.blocks(MAIN, WaitReason.LOCK, child, line=19)
    story.blocks(child, WaitReason.LOCK, MAIN, line=9)
    story.sleeps(child, at=s(0.1), until=s(1))
    story.outcome(Outcome.DEADLOCK)
    drawn, axis = laid_out(replace(story.trace(), duration=s(1.01)))
    main, p = drawn.lanes
    assert [(each.kind, each.start, each.end, each.words) for each in drawn.arrows[:2]] == [
        ("blocked", main.y + BAR, p.y, "line 19"),
        ("blocked", p.y, main.y + BAR, "line 9"),
    ]
    (waits,) = [span for span in drawn.spans if (span.kind, span.y) == ("waiting", main.y)]
    assert (waits.x, waits.title) == (axis.x(s(0.5)), "waits for what p holds (line 19)")


def test_a_client_and_the_process_that_answers_it() -> None:
    """The arrow stands where the process begins, which is after the client has called."""
    story = Story()
    alice = story.peer(at=s(0.01), name="alice")
    story.connects(alice, 8080, at=s(0.1))
    child = story.start(at=s(0.2), begins=s(0.3), variable="p")
    story.ends(child, at=s(1))
    trace = story.trace()
    p = replace(trace.processes[child], answered=(Connection(alice, 1),))
    processes = tuple(p if each.number == child else each for each in trace.processes)
    drawn, axis = laid_out(replace(trace, processes=processes))
    (served,) = [arrow for arrow in drawn.arrows if arrow.kind == "served"]
    assert (served.x, served.title) == (axis.x(s(0.3)), "p answers alice")


def test_a_lost_update_is_seen() -> None:
    """Each process is held up after it has read, for as long as the schedule says."""
    story = Story()
    first = story.start(at=s(0.01))
    story.ends(first, at=s(1))
    held = Preemption(s(0.1), first, "worker-1", 3, at_line(6))
    trace = replace(story.trace(schedule="pause:workers@3+200ms"), preemptions=(held,))
    drawn, axis = laid_out(trace)
    (span,) = [each for each in drawn.spans if each.kind == "paused"]
    assert (span.x, span.x + span.width) == (axis.x(s(0.1)), axis.x(s(0.3)))
    assert span.title == "held up (line 6)"


def test_who_was_at_work_when_it_was_stopped_goes_round_a_loop() -> None:
    """From the last that it is known to have done."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.prints(child, "hello", at=s(1))
    story.blocks(child, WaitReason.NOTHING, line=7)
    story.outcome(Outcome.CPU_LIMIT)
    drawn, axis = laid_out(replace(story.trace(), duration=s(5)))
    (span,) = [each for each in drawn.spans if each.kind == "looping"]
    assert (span.x, span.title) == (axis.x(s(1)), "goes round a loop (line 7)")


def test_threads_have_lanes_under_their_process() -> None:
    """Where they were watched: each with its life, what it prints, its start and its join."""
    story = Story()
    first = story.starts_thread(at=s(0.1), name="t1", line=8)
    story.prints(MAIN, "hello", at=s(0.2), thread=first)
    story.ends_thread(first, at=s(0.5))
    story.joins_thread(first, at=s(0.6))
    story.ends(MAIN, at=s(1))
    drawn, axis = laid_out(with_threads(story.trace()))
    _, thread = drawn.lanes
    assert (thread.name, thread.depth, thread.about) == ("t1", 1, "pid 4321 · thread of main")
    (life,) = [span for span in drawn.spans if (span.kind, span.y) == ("alive", thread.y)]
    assert (life.x, life.x + life.width) == (axis.x(s(0.1)), axis.x(s(0.5)))
    assert [point.lane for point in drawn.points] == [thread]
    assert [(each.kind, each.x) for each in drawn.arrows] == [
        ("start", axis.x(s(0.1))),
        ("wait", axis.x(s(0.6))),
    ]
    assert [end.words for end in drawn.ends] == ["exit 0 · 1.00 s", "ended · 0.50 s"]
