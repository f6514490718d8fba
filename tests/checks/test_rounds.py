"""What each process was at when a limit ended the run: its loop, what it asks for, its pauses."""

from __future__ import annotations

import pytest

from grader.checks.mistakes import Detected
from grader.checks.mistakes.ending import detect_limit
from grader.trace import MAIN, Location, Outcome, ProcessNumber, WaitReason
from tests.building import SCRIPT, Story, s
from tests.checks.stage import context, sentences

STOPPED = "After 60.00 s the program was still running, and it was stopped."


def polling(
    pause: float = 0.1,
    *,
    who: ProcessNumber = MAIN,
    line: int = 4,
    outcome: Outcome = Outcome.TIME_LIMIT,
    story: Story | None = None,
) -> Story:
    """Somebody pauses again and again, up to the limit."""
    told = story or Story()
    rounds = int(59.98 / pause)
    for number in range(rounds):
        told.sleeps(who, at=s(0.02 + number * pause), until=s(0.02 + (number + 1) * pause))
    told.sleeps(who, at=s(0.02 + rounds * pause), until=s(60))
    told.calls(who, "is_alive", at=s(60))  # the last event is the limit's time
    told.blocks(who, WaitReason.SLEEP, line=line)
    told.outcome(outcome)
    return told


def found(story: Story, *lines: str) -> Detected:
    played = context(story, code="\n".join(lines) + "\n")
    (detected,) = detect_limit(played.trace.outcome, played)
    return detected


def told(story: Story, *lines: str) -> list[str]:
    """Happened, why, next."""
    return sentences(found(story, *lines).feedback)


def test_a_flag_that_is_never_set() -> None:
    """Who asks, at which line, how often, with what pauses, and that the answer never changed."""
    code = ("import time", "flag = Value('b')", "while not flag.value:", "    time.sleep(0.1)")
    assert told(polling(), *code) == [
        "Main asked again and again at line 3, about 600 times with a pause of 0.10 s each, "
        f"and `not flag.value` was still true. {STOPPED}",
        "Asking changes nothing: such a loop ends only when the answer changes, and it never did.",
        "Which line is to change the answer, and which process comes to that line?",
    ]
    assert found(polling(), *code).feedback.line == Location(SCRIPT, 3)


def test_a_zombie_keeps_its_folder() -> None:
    """A child that nobody collects is in /proc for ever."""
    story = Story()
    child = story.start(at=s(0.005), variable="p", line=2)
    story.ends(child, at=s(0.01))
    code = ("import os", "p.start()", "while os.path.exists(f'/proc/{p.pid}'):", "    sleep(0.1)")
    assert told(polling(story=story), *code)[1:] == [
        "A process that has ended stays in the system's list until its parent collects it. It no "
        "longer works, but it still has its number: a zombie.",
        "With which call does main take notice of the end of a child?",
    ]


def test_a_variable_that_the_child_sets() -> None:
    """Main asks for its own copy."""
    code = ("import time", "done = False", "while not done:", "    time.sleep(0.1)")
    assert told(polling(), *code)[1:] == [
        "Each process has a `done` of its own: a child gets a copy of everything when it is "
        "created. This loop never sees what another process does with its copy.",
        "How could a value get from one process to the other?",
    ]


@pytest.mark.parametrize("add", ["counter.value += 1", "counter.value = counter.value + 1"])
def test_an_update_that_was_lost(add: str) -> None:
    """Several add to what is asked for, and nobody keeps the others away."""
    code = ("def work(counter):", f"    {add}", "while counter.value < 2:", "    time.sleep(0.1)")
    story = Story()
    for at in (0.01, 0.015):
        story.ends(story.start(at=s(at), line=1), at=s(0.02))
    assert told(polling(story=story), *code)[1:] == [
        "Line 2 writes back what was read before. Where two processes do that at the same time, "
        "one of them undoes what the other one did.",
        "What could keep the others away between reading the value and writing it?",
    ]
    code = (code[0], "    with lock: " + add, *code[2:])
    assert told(polling(), *code)[1].startswith("Asking changes")


def test_a_process_that_never_ends() -> None:
    """Whoever it waits for is nearer to the root, and speaks first."""
    code = (
        "def work(flag):",
        "    while True:",
        "        if flag.value: break",
        "        time.sleep(0.5)",
        "p = Process(target=work, args=(flag,))",
        "p.start()",
        "while p.is_alive():",
        "    time.sleep(0.1)",
    )
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=6)
    polling(0.5, who=child, line=4, story=story)
    polling(0.1, line=8, story=story)
    assert told(story, *code) == [
        "p went round and round its loop at line 2, about 120 times with a pause of 0.50 s "
        "each, and never came to the `break` of line 3. Main asked again and again at line 7,"
        " about 600 times with a pause of 0.10 s each, and `p.is_alive()` was still true. "
        f"{STOPPED}",
        "Such a loop ends only when one of its lines leaves it.",
        "What must be true for p to come to line 3, and who is to bring that about?",
    ]


def test_it_is_asked_whether_somebody_is_alive() -> None:
    """Where nothing is known of that one but that it has not ended."""
    code = ("import time", "", "while p.is_alive():", "    time.sleep(1)")
    assert told(polling(1), *code) == [
        "Main asked again and again at line 3, 59 times with a pause of 1.00 s each, and "
        f"`p.is_alive()` was still true. {STOPPED}",
        "That changes when the process has ended, and it never did.",
        "What keeps that process from coming to its end?",
    ]


def test_main_waits_for_one_that_goes_round() -> None:
    """The wait is told beside the loop."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=1)
    polling(1, who=child, line=3, story=story)
    story.blocks(MAIN, WaitReason.CHILD, child, line=5)
    code = ("def work():", "    while True:", "        time.sleep(1)", "p.start()", "p.join()")
    assert told(story, *code) == [
        "p went round and round its loop at line 2, 59 times with a pause of 1.00 s each. No "
        f"line of that loop leaves it. {STOPPED} Meanwhile main (line 5) waits for the end of "
        "p.",
        "Such a loop goes on until the process is ended from outside.",
        "What should end this loop, or who should end p?",
    ]


def test_a_loop_that_counts() -> None:
    """It asks for what it changes itself."""
    code = ("import time", "n = 0", "while n < 1000:", "    n += 1; time.sleep(0.1)")
    assert told(polling(), *code) == [
        "Main went round and round its loop at line 3, about 600 times with a pause of 0.10 s"
        f" each, and `n < 1000` was still true. {STOPPED}",
        "A loop is executed again and again without an end.",
        "What in this loop should make `n < 1000` false, and when?",
    ]


def test_a_for_loop() -> None:
    """It has an end, far away."""
    code = ("import time", "", "for n in range(1000):", "    time.sleep(0.1)")
    assert told(polling(), *code) == [
        "Main went round and round its loop at line 3, about 600 times with a pause of 0.10 s"
        f" each, and was not done. {STOPPED}",
        "What a loop does in one round, it does as often as it goes round.",
        "How many times should this loop run, and how long may one round take?",
    ]


def test_a_single_sleep() -> None:
    """That is no asking."""
    story = Story()
    story.sleeps(MAIN, at=s(0.02), until=s(60))
    story.calls(MAIN, "is_alive", at=s(60))
    story.blocks(MAIN, WaitReason.SLEEP, line=2)
    story.outcome(Outcome.TIME_LIMIT)
    code = ("import time", "time.sleep(1000)")
    assert told(story, *code)[0] == f"Main was asleep at line 2. {STOPPED}"
    assert found(story, *code).feedback.line == Location(SCRIPT, 2)


def test_pauses_in_a_function_of_its_own() -> None:
    """The line that pauses is in no loop: that there were many pauses is known all the same."""
    code = ("import time", "def nap():", "    flag = 1", "    time.sleep(0.1)", "while f(): nap()")
    assert told(polling(), *code)[0] == (
        "Main slept again and again, about 600 times for 0.10 s each, the last time at line "
        f"4. {STOPPED}"
    )


def test_without_a_pause() -> None:
    """It spins until its time on the processor is used up."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=1)
    story.blocks(child, WaitReason.NOTHING, line=3)
    story.blocks(MAIN, WaitReason.CHILD, child, line=4)
    story.outcome(Outcome.CPU_LIMIT)
    code = ("def work():", "    while not flag.value:", "        pass", "p.join()")
    assert told(story, *code) == [
        "p went round and round its loop at line 2 without a pause, and `not flag.value` was "
        "still true. The program used up its processor time, 5.00 s, and it was stopped. "
        "Meanwhile main (line 4) waits for the end of p.",
        "Asking changes nothing: such a loop ends only when the answer changes, and it never did.",
        "Which line is to change the answer, and which process comes to that line?",
    ]


def test_very_short_pauses() -> None:
    """More happens than can be watched."""
    code = ("import time", "", "while not flag.value:", "    time.sleep(0.02)")
    assert told(polling(0.02, outcome=Outcome.EVENT_LIMIT), *code)[0] == (
        "Main asked again and again at line 3, about 3000 times with a pause of 0.02 s each, and "
        "`not flag.value` was still true. The program printed lines, sent signals, waited or "
        "started processes far too often, and it was stopped."
    )


@pytest.mark.parametrize("inner", ["for each in ps:", "while each:"])
def test_a_break_of_an_inner_loop_leaves_only_that(inner: str) -> None:
    """And one of a function within the loop is none of the loop's."""
    code = ("while True:", f"    {inner}", "        break", "    time.sleep(0.1)")
    assert "No line of that loop leaves it." in told(polling(), *code)[0]


def test_a_wait_with_a_timeout_again_and_again() -> None:
    """`join(0.5)` in a loop pauses as a sleep does."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=1)
    for number in range(119):
        story.gives_up_waiting(MAIN, child, began=s(0.5 * number), at=s(0.5 * number + 0.5))
    story.calls(MAIN, "is_alive", at=s(60))
    story.blocks(MAIN, WaitReason.SLEEP, line=2)
    story.outcome(Outcome.TIME_LIMIT)
    code = ("while p.exitcode is None:", "    p.join(0.5)")
    assert "about 120 times with a pause of 0.50 s each" in told(story, *code)[0]
