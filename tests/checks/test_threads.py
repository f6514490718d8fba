"""Checks whose names stand for threads."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Status, threads
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import context, said, verdict
from tests.exercise.writing import HEAD, told
from tests.messages.catalogues import extracted

JOBS: dict[str, Any] = {"jobs": {"threads-of": "main", "named": "job *", "count": 2}}
DONE = {"prints": "done", "by": "main"}


def play(*, joined: bool = True, second_at: float = 0.02) -> Story:
    """Two threads that work until 1 s, and the line ``done``, after a join of both or before."""
    story = Story()
    jobs = [
        story.starts_thread(at=s(0.01), name="job 1", line=7),
        story.starts_thread(at=s(second_at), name="job 2", line=8),
    ]
    for job in jobs:
        story.prints(MAIN, f"I am job {job}", at=s(0.5 if job == 1 else second_at), thread=job)
        story.ends_thread(job, at=s(1 if job == 1 else second_at + 1))
    if joined:
        for job in jobs:
            story.joins_thread(job, at=s(second_at + 1.1))
    story.prints(MAIN, "done", at=s(second_at + 1.2 if joined else 0.9))
    story.ends(MAIN, at=s(second_at + 1.3))
    return story


@pytest.mark.parametrize(
    "check",
    [
        {"waited": {"for": "jobs", "before": DONE}},
        {"together": "jobs"},
        {"count": {"who": "jobs", "is": 2}},
        {"daemon": {"who": "jobs", "is": False}},
        {"prints": {"text": "I am {name}", "by": "jobs", "each": True}},
        {"prints": {"text": "I am *", "by": "jobs", "times": 2, "only": True}},
        {"order": [{"starts": "jobs"}, {"ends": "jobs"}, DONE]},
        {"order": [{"waits-for": "jobs", "by": "main"}, DONE]},
        {
            "for-each": "jobs",
            "time": {
                "from": {"starts": "each"},
                "to": {"ends": "each"},
                "at-least": 9 * 10**8,
                "at-most": 11 * 10**8,
            },
        },
    ],
)
def test_what_is_said_of_processes_can_be_said_of_threads(check: dict[str, Any]) -> None:
    """A thread is started, prints, ends and is waited for."""
    assert verdict(play(), check, JOBS).status is Status.PASSED


def test_a_thread_that_is_not_waited_for() -> None:
    """No sentence speaks of processes, and the verdict is about the process itself."""
    found = verdict(play(joined=False), {"waited": {"for": "jobs", "before": DONE}}, JOBS)
    assert said(found) == [
        "Main did not wait for “job 1” and “job 2” before its line “done” at 0.90 s. “job 1” was "
        "at work until 1.00 s.",
        "`start()` does not wait: it comes back at once, while the thread works.",
        "What, in your script, makes main stop until “job 1” has ended?",
    ]
    assert found.about == {MAIN}
    assert {mark.process for each in found.relations for mark in (each.start, each.end)} == {MAIN}
    assert found.feedback.why is not None
    assert "线程" in found.feedback.why.in_language("zh")
    assert "进程" not in found.feedback.why.in_language("zh")


def test_lines_that_one_call_wrote() -> None:
    """Threads share the buffer of their process: who comes first writes the lines of the others."""
    story = Story()
    jobs = [story.starts_thread(at=s(0.01), name=f"job {n}", line=7) for n in (1, 2)]
    for text in ("I am job 1", "I am job 2", "I am main"):
        story.prints(MAIN, text, at=s(0.1), thread=jobs[1])
    for job in jobs:
        story.ends_thread(job, at=s(1))
    story.ends(MAIN, at=s(1.1))
    each = {"prints": {"text": "I am {name}", "by": "jobs", "each": True, "times": 1}}
    assert verdict(story, each, JOBS).status is Status.PASSED
    last = {"order": [{"prints": "I am main", "by": "main"}, {"ends": "jobs"}]}
    assert verdict(story, last, JOBS).status is Status.PASSED


def test_threads_one_after_the_other() -> None:
    """They are not together."""
    found = verdict(play(second_at=1.5), {"together": "jobs"}, JOBS)
    assert said(found) == [
        "“job 2” was started at 1.50 s, when “job 1” had already ended at 1.00 s.",
        "Threads work at the same time only if all of them are started before the first one is "
        "done.",
        "What does main do between one start and the next?",
    ]
    turns = {"one-at-a-time": "jobs"}
    assert verdict(play(second_at=1.5), turns, JOBS).status is Status.PASSED


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        (
            "import threading\nt = threading.Thread(target=print)\n",
            [
                "Main started no thread. There should be 2.",
                "Making a `Thread` object does not start anything yet.",
                "Which line of your script starts a thread, and how often does it run?",
            ],
        ),
        (
            "print(1)\n",
            [
                "Main started no thread. There should be 2.",
                "Without another thread, main does all the work itself, line by line.",
                "Which class of `threading` stands for a thread, and where do you use it?",
            ],
        ),
    ],
)
def test_no_threads(code: str, sentences: list[str]) -> None:
    """Whether there are objects that were not started, or none at all."""
    story = Story()
    story.ends(MAIN, at=s(1))
    cast = {"jobs": {"threads-of": "main", "count": 2}}
    assert said(verdict(story, {"together": "jobs"}, cast, code)) == sentences


def test_main_has_its_threads_lines_where_no_thread_is_named() -> None:
    """In any other check the lines of threads are those of their process."""
    by_main = {"prints": {"text": "I am job 1", "by": "main"}}
    assert verdict(play(), by_main, JOBS).status is Status.PASSED
    assert context(play(), by_main, cast=JOBS).own == (MAIN,)


def test_a_thread_that_is_left_ends_with_its_process() -> None:
    """A daemon is ended wherever it is."""
    story = Story()
    story.starts_thread(at=s(0.1), name="job 1", daemon=True)
    story.ends(MAIN, at=s(1))
    order = {"order": [{"starts": "jobs"}, {"ends": "jobs"}, {"ends": "main"}]}
    cast = {"jobs": {"threads-of": "main", "count": 1}}
    assert verdict(story, order, cast).status is Status.PASSED


@pytest.mark.parametrize(
    ("cast", "check", "problem"),
    [
        (
            "t: {threads-of: main}",
            "ended: {who: t, exit: 0}",
            "'t' stands for threads, and 'ended' is about processes",
        ),
        (
            "t: {threads-of: main}, u: {children-of: t}",
            "clean: true",
            "'t' stands for threads: write the process that they belong to",
        ),
        (
            "t: {threads-of: main, children-of: main}",
            "clean: true",
            "'threads-of' and 'children-of' do not go together",
        ),
    ],
)
def test_what_cannot_be_said_of_threads(cast: str, check: str, problem: str) -> None:
    """It is an error of the exercise."""
    written = f"{HEAD}cast: {{{cast}}}\nchecks:\n  - {{id: b, expect: e, {check}}}\n"
    assert any(problem in each for each in told(written))


def test_sentences_that_need_other_words_are_said_somewhere() -> None:
    """They are found by their English: one that was reworded where it is said would be missed."""
    said = extracted()
    named = (*threads._OTHERWISE, *threads._OF_PROCESSES)
    assert [text for text in named if text not in said] == []
