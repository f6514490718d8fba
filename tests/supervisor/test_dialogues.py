"""Somebody at the submission's terminal: what is expected, what is typed, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.exercise import DialogueStep
from grader.schedules import parse_schedule
from grader.trace import (
    MAIN,
    AskedForInput,
    Outcome,
    Printed,
    StartMethod,
    Trace,
    Typed,
)
from grader.trace.canonical import canonical

from ..repeating import exhaustive
from .conftest import Supervise
from .reading import SECOND, having, just_past, only, output

GREETER = """
while True:
    name = input("name? ")
    if not name:
        print("nobody")
        continue
    print("hello", name)
"""


def step_of(name: str, **keys: object) -> DialogueStep:
    return DialogueStep.model_validate({"id": name, **keys})


def expect(pattern: str, step: str = "expects") -> DialogueStep:
    return step_of(step, expect=pattern)


def send(text: str, step: str = "sends") -> DialogueStep:
    return step_of(step, send=text)


def transcript(trace: Trace) -> list[str]:
    """What stood at the terminal, in order: ``<`` was typed."""
    return [
        f"< {event.text or event.what}" if isinstance(event, Typed) else event.text
        for event in trace.events
        if isinstance(event, (Typed, Printed))
    ]


def test_every_line_is_typed_to_a_question_of_its_own(supervise: Supervise):
    """What was typed has arrived before the program can be seen to ask again."""
    steps = [step for number in range(40) for step in (expect("name?"), send(str(number)))]
    trace = supervise(GREETER, dialogue=(*steps, expect("name?")))
    assert [event.prompt for event in trace.events if isinstance(event, AskedForInput)] == (
        ["name? "] * 41
    )
    assert trace.unmet is None


def test_a_dialogue_goes_step_by_step(supervise: Supervise):
    """Lines are typed when the program waits for them, and never before."""
    steps = (
        *(expect("name?"), send("小明"), expect("hello 小明"), expect("name?")),
        *(send(""), expect("nobody"), expect("name?")),
    )
    trace = supervise(GREETER, dialogue=steps)
    assert transcript(trace) == [
        "name? ",
        "< 小明",
        "hello 小明",
        "name? ",
        "< line",
        "nobody",
        "name? ",
    ]
    assert trace.unmet is None
    assert trace.stopped
    assert trace.outcome is Outcome.FINISHED


@pytest.mark.parametrize("order", ["child-first", "parent-first", "ties-reversed", "random:7"])
def test_who_has_been_given_a_line_does_not_ask_again(supervise: Supervise, order: str):
    """In an order of events in which others go first: the line is there, and not yet looked at."""
    trace = supervise(
        """
        from multiprocessing import Process

        if __name__ == "__main__":
            child = Process(target=print, args=("child",))
            child.start()
            child.join()
            while True:
                print("hello", input("name? "))
        """,
        dialogue=(
            *(expect("name?"), send("a"), expect("hello a")),
            *(expect("name?"), send("b"), expect("hello b"), expect("name?", "asks-at-last")),
        ),
        schedule=parse_schedule(order),
    )
    assert trace.unmet is None
    assert [event.text for event in having(trace, Typed)] == ["a", "b"]
    assert len(having(trace, AskedForInput)) == 3


def test_a_dialogue_waits_as_long_as_it_takes(supervise: Supervise):
    """No step has a time-out, and none is a guess."""
    slow = "import time; time.sleep(20); name = input('name? '); time.sleep(20); print('hi', name)"
    trace = supervise(slow, dialogue=(expect("name?"), send("x"), expect("hi x")))
    assert trace.unmet is None
    assert only(trace, Typed).at > 20 * SECOND
    assert only(trace, Printed, text="hi x").at > 40 * SECOND


def test_lines_that_nobody_expected_are_passed_over(supervise: Supervise):
    """A step is met by the first line like it that comes."""
    talks = "print('welcome'); print('to this'); print(input('name? ')); print('bye')"
    trace = supervise(talks, dialogue=(expect("name?"), send("x"), expect("bye")))
    assert trace.unmet is None


def test_a_line_is_met_once(supervise: Supervise):
    """What has met a step meets no other one."""
    trace = supervise(
        "input('name? '); print('x')",
        dialogue=(expect("name?"), send("a"), expect("x", "one"), expect("x", "two")),
    )
    assert trace.unmet == "two"


def test_what_is_expected_may_come_late_in_the_same_breath(supervise: Supervise):
    """Lines that came before it do not hide it, and it hides those before it."""
    trace = supervise(
        "print('b'); print('a'); input()", dialogue=(expect("a"), expect("b", "too-late"))
    )
    assert trace.unmet == "too-late"
    assert trace.outcome is Outcome.WAITING_FOR_INPUT


def test_another_answer_than_expected(supervise: Supervise):
    """The dialogue stands at the step that was not met, and the program waits in vain."""
    steps = (expect("name?"), send("x"), expect("good day x", "greets"), send("y"))
    trace = supervise(GREETER, dialogue=steps)
    assert trace.unmet == "greets"
    assert trace.outcome is Outcome.WAITING_FOR_INPUT
    assert not trace.stopped


def test_a_program_that_never_asks(supervise: Supervise):
    """Nothing can be typed, and its end is its own."""
    trace = supervise("print('hi')", dialogue=(send("x", "first-line"),))
    assert trace.unmet == "first-line"
    assert having(trace, Typed) == ()
    assert trace.outcome is Outcome.FINISHED
    assert not trace.stopped


def test_end_of_input(supervise: Supervise):
    """Control-D at the prompt: the EOFError that nobody catches is no fault."""
    steps = (expect("name?"), step_of("over", press="end-of-input"))
    trace = supervise(GREETER, dialogue=steps)
    assert trace.unmet is None
    assert trace.outcome is Outcome.FINISHED
    assert output(trace, MAIN)[-1].startswith("EOFError")


def test_end_of_input_that_is_caught(supervise: Supervise):
    """A program may say goodbye."""
    says_bye = "try: input('name? ')\nexcept EOFError: print('bye')"
    trace = supervise(
        says_bye, dialogue=(expect("name?"), step_of("over", press="end-of-input"), expect("bye"))
    )
    assert trace.unmet is None
    assert trace.processes[MAIN].exit_status == 0


def test_interrupt(supervise: Supervise):
    """Control-C reaches the program as it does at the keyboard."""
    steps = (expect("name?"), step_of("enough", press="interrupt"))
    trace = supervise(GREETER, dialogue=steps)
    assert trace.outcome is Outcome.FINISHED
    assert output(trace, MAIN)[-1] == "KeyboardInterrupt"


def test_an_interrupt_that_more_was_expected_after(supervise: Supervise):
    """It ends a program that does not catch it: a crash, since the dialogue is not over."""
    trace = supervise(
        "print('begun', flush=True)\nwhile True: input()",
        dialogue=(expect("begun"), step_of("stop", press="interrupt"), expect("bye")),
    )
    assert (trace.outcome, trace.stopped) == (Outcome.CRASHED, False)


def test_interrupt_reaches_the_children_too(supervise: Supervise):
    """They are in the foreground as main is."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work():
            try: time.sleep(100)
            except KeyboardInterrupt: print("interrupted")

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            try: input("well? ")
            except KeyboardInterrupt: p.join()
        """,
        dialogue=(expect("well?"), step_of("enough", press="interrupt"), expect("interrupted")),
    )
    assert trace.unmet is None
    assert trace.duration < SECOND


def test_hang_up(supervise: Supervise):
    """The window is closed: SIGHUP ends the program."""
    trace = supervise(GREETER, dialogue=(expect("name?"), step_of("closed", press="hang-up")))
    assert trace.outcome is Outcome.FINISHED
    assert trace.processes[MAIN].signal == 1


@pytest.mark.parametrize("kind", ["print('name?')", "print('name?', end=' ', flush=True)"])
def test_a_prompt_of_its_own(supervise: Supervise, kind: str):
    """Whether it is a line or stands unended, on stdout or on stderr: it is expected alike."""
    trace = supervise(
        f"import sys\n{kind}\nprint('hello', sys.stdin.readline().strip())",
        dialogue=(expect("name?"), send("x"), expect("hello x")),
    )
    assert trace.unmet is None


def test_who_asks_is_told(supervise: Supervise):
    """The question, its prompt, and what was typed are events of the process that asked."""
    trace = supervise(GREETER, dialogue=(send("x"),))
    asked = having(trace, AskedForInput)
    assert [(each.by, each.prompt) for each in asked] == [(MAIN, "name? "), (MAIN, "name? ")]
    assert only(trace, Typed).text == "x"


def test_a_dialogue_is_the_same_under_the_real_clock(supervise: Supervise):
    """Only the time is another."""
    steps = (expect("name?"), send("x"), expect("hello x"))
    trace = supervise(GREETER, dialogue=steps, clock="real")
    assert trace.unmet is None
    assert trace.stopped


# Keys that need nobody who reads

SLEEPS = """
import time
print("working", flush=True)
try: time.sleep(100)
except KeyboardInterrupt: print("interrupted")
print("bye")
"""
JOINS = """
import time
from multiprocessing import Process

def work():
    try: time.sleep(100)
    except KeyboardInterrupt: pass

if __name__ == "__main__":
    p = Process(target=work)
    p.start()
    print("working")
    try: p.join()
    except KeyboardInterrupt:
        print("interrupted")
        p.join()
    print("bye")
"""
GETS = """
import signal
from multiprocessing import Process, Queue

def work(box):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while box.get() is not None: pass

if __name__ == "__main__":
    box, answers = Queue(), Queue()
    p = Process(target=work, args=(box,))
    p.start()
    print("working")
    try: answers.get()
    except KeyboardInterrupt:
        print("interrupted")
        box.put(None)
    p.join()
    print("bye")
"""
PAUSES = """
import signal
def handle(number, frame): print("interrupted")
signal.signal(signal.SIGINT, handle)
print("working")
signal.pause()
print("bye")
"""
WAITS_FOR_EVENT = """
import signal, threading, time
from multiprocessing import Event, Process

def work(stop):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while not stop.wait(0.5): pass

if __name__ == "__main__":
    stop = Event()
    signal.signal(signal.SIGINT, lambda number, frame: (print("interrupted"), stop.set()))
    p = Process(target=work, args=(stop,))
    p.start()
    print("working")
    p.join()
    print("bye")
"""
ORDERS = ["natural", "child-first", "parent-first", "late:worker-1+200ms", "random:7"]
INTERRUPTED = (
    expect("working"),
    step_of("enough", press="interrupt"),
    expect("interrupted"),
    expect("bye"),
)


@pytest.mark.parametrize("order", [*ORDERS[:2], *exhaustive(*ORDERS[2:])])
@pytest.mark.parametrize("program", [SLEEPS, JOINS, GETS, PAUSES, WAITS_FOR_EVENT])
def test_control_c_comes_wherever_the_program_stands_still(
    supervise: Supervise, program: str, order: str
):
    """Asleep, in a join, in a get, in a pause: a right program deals with it, in every order."""
    trace = supervise(program, dialogue=INTERRUPTED, schedule=parse_schedule(order))
    assert trace.unmet is None
    assert output(trace, MAIN) == ["working", "interrupted", "bye"]
    assert trace.outcome is Outcome.FINISHED
    assert trace.processes[MAIN].exit_status == 0
    assert not trace.stopped


def test_control_c_is_the_same_in_each_interpreter(supervise: Supervise, python: Path):
    """Under the start method that is each one's own habit, too."""
    trace = supervise(GETS, dialogue=INTERRUPTED, python=python)
    assert output(trace, MAIN) == ["working", "interrupted", "bye"]


def test_control_c_is_replayed(supervise: Supervise, start_method: StartMethod):
    """The same order gives the same trace, under every start method."""
    order = parse_schedule("random:3")
    first, second = (
        canonical(supervise(JOINS, dialogue=INTERRUPTED, schedule=order, start_method=start_method))
        for _ in range(2)
    )
    assert first == second
    assert first.unmet is None


def test_control_c_does_not_reach_a_process_of_another_session(supervise: Supervise):
    """It goes to the foreground, as at a desk."""
    trace = supervise(
        """
        import os, time
        from multiprocessing import Process

        def work():
            os.setsid()
            time.sleep(2)
            print("untouched")

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            time.sleep(1)
            print("working")
            try: p.join()
            except KeyboardInterrupt: print("interrupted")
            p.join()
            print("bye")
        """,
        dialogue=INTERRUPTED,
    )
    assert trace.unmet is None
    assert output(trace, 1) == ["untouched"]


@pytest.mark.parametrize("order", ["natural", "child-first"])
def test_a_key_has_its_time(supervise: Supervise, order: str):
    """Counted from the step before, on the submission's clock, whatever the program does."""
    trace = supervise(
        """
        import time
        time.sleep(3)
        print("working", flush=True)
        try:
            while True: time.sleep(0.01)
        except KeyboardInterrupt: print("interrupted")
        print("bye")
        """,
        dialogue=(
            expect("working"),
            step_of("enough", press="interrupt", after=SECOND // 2),
            expect("bye"),
        ),
        schedule=parse_schedule(order),
    )
    assert trace.unmet is None
    written = only(trace, Printed, text="working").at
    assert just_past((only(trace, Typed).at - written) / SECOND, 0.5)


def test_a_key_has_its_time_in_a_program_that_computes(supervise: Supervise):
    """Nobody need stand still."""
    trace = supervise(
        """
        print("working", flush=True)
        try:
            count = 0
            while True: count += 1
        except KeyboardInterrupt: print("bye")
        """,
        dialogue=(
            expect("working"),
            step_of("enough", press="interrupt", after=SECOND // 10),
            expect("bye"),
        ),
    )
    assert trace.unmet is None
    assert only(trace, Typed).at >= SECOND // 10


def test_a_key_has_its_time_in_a_program_that_looks_at_the_clock(supervise: Supervise):
    """It stops at each look and never stands still: what it printed is heard all the same."""
    trace = supervise(
        """
        import time
        print("working", flush=True)
        begun = time.time()
        try:
            while time.time() - begun < 6: pass
        except KeyboardInterrupt: print("bye")
        """,
        dialogue=(
            expect("working"),
            step_of("enough", press="interrupt", after=3 * SECOND),
            expect("bye"),
        ),
    )
    assert trace.unmet is None
    written = only(trace, Printed, text="working").at
    assert just_past((only(trace, Typed).at - written) / SECOND, 3)


@pytest.mark.parametrize("order", ["natural", "child-first"])
def test_a_line_has_its_time(supervise: Supervise, order: str):
    """Who types takes a while: a program that gives up waiting before has given up."""
    trace = supervise(
        """
        import select, sys
        print("name? ", end="", flush=True)
        if not select.select([sys.stdin], [], [], 2)[0]: print("too late")
        print("hello", input("again? "))
        """,
        dialogue=(
            expect("name?"),
            step_of("slow", send="x", after=5 * SECOND),
            expect("hello x"),
        ),
        schedule=parse_schedule(order),
    )
    assert trace.unmet is None
    assert [each.prompt for each in having(trace, AskedForInput)] == ["name? ", "again? "]
    assert only(trace, Typed).at >= 5 * SECOND
    assert "too late" in output(trace)


def test_a_key_comes_too_late_for_a_program_that_has_ended(supervise: Supervise):
    """Nobody is there to be interrupted, and the dialogue stands there."""
    trace = supervise(
        "print('working')",
        dialogue=(expect("working"), step_of("enough", press="interrupt", after=SECOND)),
    )
    assert trace.unmet == "enough"
    assert having(trace, Typed) == ()


def test_who_ends_by_another_error_than_that_of_the_key_has_crashed(supervise: Supervise):
    """The key is to blame for its own error only."""
    trace = supervise(
        """
        import time
        print("working")
        try: time.sleep(9)
        except KeyboardInterrupt: 1 / 0
        """,
        dialogue=(expect("working"), step_of("enough", press="interrupt")),
    )
    assert trace.outcome is Outcome.CRASHED


# What is expected


def look_for(*expected: dict[str, str], step: str = "expects") -> DialogueStep:
    return step_of(step, expect=list(expected))


def test_a_regular_expression_finds_what_fits_it(supervise: Supervise):
    """In a part of a line, or over several; what is left of the line is left for the next."""
    trace = supervise(
        "print('it took 1.25 s, or so'); print('a'); print('b')",
        dialogue=(
            look_for({"regex": "took [0-9.]+ s"}, step="took"),
            look_for({"exact": "or so"}, step="rest"),
            look_for({"regex": r"^a\nb$"}, step="both"),
        ),
    )
    assert [(each.step, each.before, each.after) for each in trace.transcript] == [
        ("took", "it ", "took 1.25 s"),
        ("rest", ", ", "or so"),
        ("both", "", "a\nb"),
    ]


def test_an_exact_text_is_compared_as_it_is(supervise: Supervise):
    """White space and the width of a colon make a difference."""
    program = "print('名字： x')"
    assert supervise(program, dialogue=(look_for({"exact": "名字： x"}),)).unmet is None
    assert supervise(program, dialogue=(look_for({"exact": "名字:x"}),)).unmet == "expects"
    assert supervise(program, dialogue=(expect("名字:x"),)).unmet is None


def test_of_several_whichever_comes_first(supervise: Supervise):
    """And the transcript says which one it was."""
    several = step_of("which", expect=[{"exact": "three"}, {"regex": "t[w]o"}, "one *"])
    trace = supervise(
        "print('zero'); print('one more'); print('two')", dialogue=(several, expect("two"))
    )
    (which, two) = trace.transcript
    assert (which.before, which.after, which.choice) == ("zero\n", "one more", 2)
    assert (two.before, two.after) == ("", "two")


@pytest.mark.parametrize("order", ["natural", "child-first"])
def test_what_stands_unended_before_a_sleeper_is_seen(supervise: Supervise, order: str):
    """As somebody at the terminal would see it; the rest of the line comes later."""
    trace = supervise(
        "import time; print('wait...', end='', flush=True); time.sleep(1); print('done')",
        dialogue=(expect("wait..."), expect("done")),
        schedule=parse_schedule(order),
    )
    assert trace.unmet is None
    assert [each.after for each in trace.transcript] == ["wait...", "done"]
    assert output(trace) == ["wait...done"]


def test_the_last_words_need_no_end_of_line(supervise: Supervise):
    """What a program prints last is there when it has ended."""
    assert supervise("print('bye', end='')", dialogue=(expect("bye"),)).unmet is None


def test_the_transcript_has_what_came_instead(supervise: Supervise):
    """Since the step before: that tells where it is stuck, and over what."""
    steps = (expect("name?"), send("x", "types"), expect("good day x", "greets"), send("y"))
    trace = supervise(f"print('hi'){GREETER}", dialogue=steps)
    assert [(each.step, each.before, each.after) for each in trace.transcript] == [
        ("expects", "hi\n", "name? "),
        ("types", "", ""),
        ("greets", "hello x\nname? \n", None),
    ]


CATASTROPHE = {"regex": "(a+)+b"}


def test_a_catastrophic_regular_expression_is_given_up(supervise: Supervise):
    """Over the right few characters some take for ever: that decides nothing against anybody."""
    trace = supervise("print('a' * 60); print('b')", dialogue=(look_for(CATASTROPHE),))
    assert trace.unmet == "expects"
    assert trace.doubts == (
        "the regular expression of the dialogue's step expects takes too long over what the "
        "program printed",
    )


@pytest.mark.parametrize(
    "program",
    [
        "print('ab' * 450_000)",
        "for _ in range(6_000): print('ab' * 30, end='', flush=True)",
        *exhaustive("for _ in range(8_000): print('ab' * 30)", "print('\\n' * 200_000)"),
    ],
)
def test_a_flood_of_output_is_searched_in_bounded_time(supervise: Supervise, program: str):
    """By whatever is expected: lines, regular expressions and texts."""
    several = ["*x*y*{int}", {"regex": "c[0-9]+d"}, {"exact": "zzz"}]
    trace = supervise(program, dialogue=(step_of("never", expect=several),))
    assert trace.unmet == "never"
    assert trace.doubts == ()
