"""Somebody at the submission's terminal: what is expected, what is typed, and when."""

from __future__ import annotations

import pytest

from grader.exercise.pattern import parse_pattern
from grader.schedules import parse_schedule
from grader.supervisor import Step
from grader.trace import MAIN, AskedForInput, Outcome, Printed, Trace, Typed

from .conftest import Supervise
from .reading import SECOND, having, only, output

GREETER = """
while True:
    name = input("name? ")
    if not name:
        print("nobody")
        continue
    print("hello", name)
"""


def expect(pattern: str, step: str = "expects") -> Step:
    return Step(step, expect=parse_pattern(pattern))


def send(text: str, step: str = "sends") -> Step:
    return Step(step, send=text)


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
    steps = (expect("name?"), Step("over", key="end-of-input"))
    trace = supervise(GREETER, dialogue=steps)
    assert trace.unmet is None
    assert trace.outcome is Outcome.FINISHED
    assert output(trace, MAIN)[-1].startswith("EOFError")


def test_end_of_input_that_is_caught(supervise: Supervise):
    """A program may say goodbye."""
    says_bye = "try: input('name? ')\nexcept EOFError: print('bye')"
    trace = supervise(
        says_bye, dialogue=(expect("name?"), Step("over", key="end-of-input"), expect("bye"))
    )
    assert trace.unmet is None
    assert trace.processes[MAIN].exit_status == 0


def test_interrupt(supervise: Supervise):
    """Control-C reaches the program as it does at the keyboard."""
    steps = (expect("name?"), Step("enough", key="interrupt"))
    trace = supervise(GREETER, dialogue=steps)
    assert trace.outcome is Outcome.FINISHED
    assert output(trace, MAIN)[-1] == "KeyboardInterrupt"


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
        dialogue=(expect("well?"), Step("enough", key="interrupt"), expect("interrupted")),
    )
    assert trace.unmet is None
    assert trace.duration < SECOND


def test_hang_up(supervise: Supervise):
    """The window is closed: SIGHUP ends the program."""
    trace = supervise(GREETER, dialogue=(expect("name?"), Step("closed", key="hang-up")))
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
