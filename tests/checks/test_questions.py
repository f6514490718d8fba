"""The question that each family ends with: it goes on from what was seen, and is the student's."""

from __future__ import annotations

from typing import Any

import pytest

from grader.trace import MAIN, StartMethod
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, findings, said, verdict


def play(*lines: str, ends: bool = True) -> Story:
    """A child ``p`` prints these lines; main waits for it and ends."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=7)
    for place, line in enumerate(lines):
        story.prints(child, line, at=s(0.1 + place / 10))
    if ends:
        story.ends(child, at=s(1))
        story.waits(MAIN, child, at=s(1))
        story.code_ends(MAIN, at=s(1.1))
        story.ends(MAIN, at=s(1.1))
    return story


def listening(port: int) -> Story:
    story = play()
    story.listens(MAIN, port, at=s(0.05))
    return story


def ending(exit_status: int) -> Story:
    story = Story()
    story.ends(MAIN, at=s(1), exit_status=exit_status)
    return story


def outlived() -> Story:
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.ends(MAIN, at=s(0.5))
    story.ends(child, at=s(1))
    return story


def spawned() -> Story:
    story = Story(StartMethod.SPAWN)
    story.start(at=s(0.01), variable="p")
    return story


@pytest.mark.parametrize(
    ("story", "check", "why", "question"),
    [
        (
            play(ends=False),
            {"ended": {"who": "child", "exit": 0}},
            "Nothing ended it, and it did not come to the end of its work.",
            "What is it doing, and who should end it?",
        ),
        (
            play(),
            {"started-by": {"who": "child", "is": "child"}},
            "A process is the child of the one that executes the line that starts it.",
            "Which process comes to that line?",
        ),
        (
            spawned(),
            {"start-method": "fork"},
            "How processes are created is decided once, before the first of them.",
            "Which line of your script decides it?",
        ),
        (
            play(),
            {"order": [{"begins": "main"}, {"waits-for": "main", "by": "child"}]},
            "This check waits for that moment, and it never came.",
            "Which line of your script should bring it about, and is that line reached?",
        ),
        (
            play(),
            {"order": [{"begins": "main"}, {"listens": 8080, "by": "any"}]},
            "This check waits for that moment, and it never came.",
            "Which calls make a socket a server's?",
        ),
        (
            listening(8000),
            {"order": [{"begins": "main"}, {"listens": 8080, "by": "any"}]},
            "This check waits for that moment, and it never came.",
            "Where is the port of your server written, and which one does the task ask for?",
        ),
        (
            play("hello", "hello"),
            {"prints": {"text": "hello", "by": "child", "times": 1}},
            "Each time that a process comes to the line that prints it, it appears once more.",
            "How often does each process come to that line?",
        ),
        (
            play("hello", "end"),
            {"prints": {"text": "end", "by": "child", "never": True}},
            "The task says that this line does not appear: the process that would print it must "
            "have ended, or be doing something else, before it gets that far.",
            "What lets p get as far as this line?",
        ),
        (
            play(),
            {"raises": {"text": "ValueError*", "in": "child"}},
            "An uncaught exception ends the process in which it is raised, and only that one.",
            "Which line is to raise it, and which process comes to that line?",
        ),
        (
            Story(),
            {"clean": True},
            "Something keeps it from going on.",
            "At which line is each process when nothing moves any more?",
        ),
        (
            ending(3),
            {"clean": True},
            "With exit status 0 a program says that it ended well.",
            "Which line ends the program?",
        ),
        (
            outlived(),
            {"clean": True},
            "A program is over when all of its processes are.",
            "Who ends them, or waits for them?",
        ),
        (
            outlived(),
            {"waited": {"for": "child"}},
            "`start()` does not wait: it comes back at once, while the child works.",
            "How could main notice that p has ended?",
        ),
    ],
)
def test_what_is_asked(story: Story, check: dict[str, Any], why: str, question: str) -> None:
    """Why it is so, and what to ask oneself."""
    assert said(verdict(story, check, ONE_CHILD))[1:] == [why, question]


@pytest.mark.parametrize(
    ("wanted", "code", "why", "question"),
    [
        (
            {"calls": "time.sleep"},
            "print()",
            "This exercise is about using it.",
            "Where in your script would it belong?",
        ),
        (
            {"calls": "multiprocessing.Process"},
            "print()",
            "A `Process` object stands for one process: you use it to start the process, wait "
            "for it and end it.",
            "Where in your script would such an object be made, and of what?",
        ),
        (
            {"avoids": "time.sleep"},
            "import time\ntime.sleep(1)",
            "This exercise is to be solved without it.",
            "What does it do for you there, and how would you do that yourself?",
        ),
        (
            {"defines": "work"},
            "print()",
            "The task asks for a definition of your own.",
            "Which part of your script does this work now?",
        ),
        (
            {"guarded": True},
            "from multiprocessing import Process\nProcess(target=print).start()",
            "Where processes are spawned (Windows, macOS), each child imports the file first, "
            "and executes again whatever stands there unguarded.",
            "How can a script tell whether it is run or imported?",
        ),
    ],
)
def test_what_is_asked_about_the_code(
    wanted: dict[str, Any], code: str, why: str, question: str
) -> None:
    """The code is the student's to look at: no line of it is given away."""
    assert said(verdict(Story(), {"source": wanted}, code=code))[1:] == [why, question]


def test_what_is_asked_about_a_span_that_is_too_long() -> None:
    """Where nobody slept it is asked who waits for whom."""
    check = {"time": {"from": {"begins": "main"}, "to": {"ends": "main"}, "at-most": "0.5s"}}
    assert said(verdict(play(), check))[1:] == [
        "One of the steps takes longer than it should, or some come one after another that could "
        "come at once.",
        "Which lines take time between the two, and which of them wait for one another?",
    ]


def _sleeps_for_a_worker(ends: float) -> Story:
    story = Story()
    worker = story.start(at=s(0.01), variable="p")
    story.sleeps(MAIN, at=s(0.03), until=s(1))
    if ends < 1:
        story.ends(worker, at=s(ends))
    story.prints(MAIN, "done", at=s(1.01))
    story.code_ends(MAIN, at=s(1.02))
    if ends > 1:
        story.ends(worker, at=s(ends))
    story.ends(MAIN, at=s(2))
    return story


@pytest.mark.parametrize(
    ("schedule", "longer"),
    [("slow:workersx3", "3 times"), ("slow:worker-1x2", "twice"), ("late:worker-1+2s", "4 times")],
)
def test_a_question_has_the_number_of_what_broke_it(schedule: str, longer: str) -> None:
    """Two numbers for the same thing would lead away from it."""
    order = [{"ends": "workers"}, {"prints": "done", "by": "main"}]
    check = {"order": order, "any-duration": True}
    runs = [_sleeps_for_a_worker(0.9).trace(), _sleeps_for_a_worker(1.5).trace(schedule)]
    code = "import time\ntime.sleep(1)\n"
    found = findings(runs, check, cast=WORKERS, code=code)["check-1"]
    assert said(found)[2] == f"How long would main have to sleep if p took {longer} as long?"


def test_what_is_asked_about_a_pause_for_several() -> None:
    """How long it would have to be is nobody's to know."""
    story = Story()
    for number in (1, 2):
        worker = story.start(at=s(number / 100), variable=f"p{number}")
        story.ends(worker, at=s(0.5))
    story.sleeps(MAIN, at=s(0.03), until=s(1))
    story.prints(MAIN, "done", at=s(1.01))
    story.code_ends(MAIN, at=s(1.02))
    story.ends(MAIN, at=s(1.02))
    check = {"waited": {"for": "workers", "before": {"prints": "done", "by": "main"}}}
    found = findings(story, check, cast=WORKERS, code="import time\ntime.sleep(1)\n")["check-1"]
    assert said(found)[2] == (
        "How long would main have to sleep if one of them took 4 times as long?"
    )


@pytest.mark.parametrize(
    ("main", "child", "question"),
    [
        (
            ("top",),
            ("top", "hello"),
            "Which of your lines should be executed once, and not by every import?",
        ),
        (
            ("top",),
            ("bye",),
            "Where do the values in that line come from, and is the child handed over all of them?",
        ),
    ],
)
def test_what_is_asked_about_two_start_methods(
    main: tuple[str, ...], child: tuple[str, ...], question: str
) -> None:
    """A line of an import, or a value that a spawned child does not have."""
    runs = []
    for method, lines in ((StartMethod.FORK, ("hello",)), (StartMethod.SPAWN, child)):
        story = Story(method)
        worker = story.start(at=s(0.1), variable="p")
        for place, line in enumerate(lines):
            story.prints(worker, line, at=s(0.2 + place / 100))
        story.ends(worker, at=s(0.4))
        for line in main:
            story.prints(MAIN, line, at=s(0.5))
        story.ends(MAIN, at=s(0.9))
        runs.append(story.trace())
    assert said(findings(runs, {"same-lines": True})["check-1"])[2] == question
