"""Grades made by hand, for the report to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.checks import Feedback, Finding, Mark, Relation, Status
from grader.exercise import Exercise
from grader.grading import Grade, Judgement
from grader.messages import Text, say
from grader.schedules import parse_schedule
from grader.submission import SourceFile, Submission
from grader.trace import MAIN, Location, Printed, StartMethod, Stream, Trace
from tests.building import SCRIPT, Story, s

CODE = """\
import time
from multiprocessing import Process


def greet(number):
    print("hello", number)
    time.sleep(1)


if __name__ == "__main__":
    workers = [Process(target=greet, args=(number,)) for number in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("主进程")
"""


def five(*, joined: bool = True) -> Trace:
    """Five children sleep one second; main waits for all before its line, or for none."""
    story = Story()
    workers = []
    for n in range(5):
        worker = story.start(at=s(0.001 + 0.0015 * n), line=13)
        story.prints(worker, f"hello {n}", at=s(0.0025 + 0.0015 * n))
        story.sleeps(worker, at=s(0.003 + 0.0015 * n), until=s(1.003 + 0.0015 * n))
        workers.append(worker)
    spoken = s(1.012) if joined else s(0.009)
    if not joined:
        story.prints(MAIN, "主进程", at=spoken)
        story.code_ends(MAIN, at=s(0.0095))
    for n, worker in enumerate(workers):
        end = s(1.0035 + 0.0015 * n)
        story.ends(worker, at=end)
        story.waits(
            MAIN,
            worker,
            began=s(0.01) if n == 0 else s(1.0036 + 0.0015 * (n - 1)),
            at=end + s(0.00005),
            in_shutdown=not joined,
            line=15 if joined else None,
        )
    if joined:
        story.prints(MAIN, "主进程", at=spoken)
        story.code_ends(MAIN, at=s(1.0125))
    story.ends(MAIN, at=s(1.015))
    return story.trace()


def exercise(*checks: tuple[str, float]) -> Exercise:
    """An exercise with these checks, by their ids and points."""
    return Exercise.model_validate(
        {
            "id": "join-all",
            "title": {"en": "Start five and wait for all", "zh": "启动五个进程，一起等待"},
            "task": {"en": "Start **five** and wait.", "zh": "启动**五个**进程。"},
            "checks": [
                {"id": id_, "points": points, "expect": f"Claim {id_}.", "clean": True}
                for id_, points in checks
            ],
        }
    )


def grade(
    findings: Sequence[tuple[Finding, float]],
    runs: Sequence[Trace],
    *,
    code: str | bytes = CODE,
    script: str = SCRIPT,
    note: Text | None = None,
    tried: Sequence[str] = ("natural",),
) -> Grade:
    """A grade of these findings, each with the points of its check."""
    asked = exercise(*((finding.check, points) for finding, points in findings))
    content = code.encode() if isinstance(code, str) else code
    return Grade(
        exercise=asked,
        submission=Submission(Path(script), (SourceFile(script, content),)),
        judgements=tuple(
            Judgement(check, finding)
            for check, (finding, _) in zip(asked.checks, findings, strict=True)
        ),
        runs=tuple(runs),
        note=note,
        tried=tuple(tried),
    )


def passed(check: str = "together") -> Finding:
    return Finding(
        check,
        Status.PASSED,
        say("All five run at the same time"),
        Feedback(say("All five were alive at 0.01 s.")),
    )


def not_waited(trace: Trace) -> Finding:
    """Main spoke before its last child had ended."""
    last = trace.processes[-1]
    lines = [event for event in trace.events if isinstance(event, Printed) and event.by == MAIN]
    assert last.ended is not None
    return Finding(
        "waits",
        Status.FAILED if trace.schedule.is_natural else Status.LUCKY,
        say("Main waits for all five"),
        Feedback(
            say("Main printed its line at 0.01 s."),
            why=say("`start()` does not wait."),
            next=say("What makes main stop until the children have ended?"),
            line=Location(SCRIPT, 16),
        ),
        hint=say("Which method waits?"),
        run=trace,
        relations=(
            Relation(
                Mark(last.number, last.ended), Mark(MAIN, lines[-1].at), say("not waited for")
            ),
        ),
    )


def skipped() -> Finding:
    return Finding("last", Status.SKIPPED, say("Its line is the last"), cause="waits")


def advice() -> Finding:
    return Finding(
        "kind", Status.FAILED, say("It burns no CPU"), Feedback(say("It asked 300 times."))
    )


def good() -> Grade:
    """Everything is right."""
    return grade([(passed("together"), 2), (passed("waits"), 1)], [five()])


def bad() -> Grade:
    """One of each: passed, failed, skipped, advice."""
    trace = five(joined=False)
    return grade([(passed(), 2), (not_waited(trace), 1.5), (skipped(), 1), (advice(), 0)], [trace])


def lucky() -> Grade:
    """It held in the natural order, and broke when a worker was slow."""
    broken = five(joined=False)
    slow = Trace(
        broken.processes,
        broken.events,
        broken.outcome,
        broken.duration,
        schedule=parse_schedule("slow:worker-5x2"),
    )
    finding = not_waited(slow)
    return grade(
        [(passed(), 2), (finding, 1)],
        [five(), slow],
        tried=["natural", "child-first", "slow:worker-5x2"],
    )


HOSTILE = (
    "\x1b[2J\x1b[32m✔ passed\x07\r\x9b31m",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\u202eevil\u2066\u200f\ufeff\u2028\x85",
    "]]><svg/onload=alert(1)>",
    "'\" onmouseover='alert(1)",
    "a" + "\u0301" * 500,
    "{{ 7 * 7 }}{% raw %}",
    "[bold red]passed[/bold red]:smile:",
    "\ud800\udfff",
    "\x00",
)


def hostile(text: str, *, script: str = SCRIPT) -> Grade:
    """A student has a word in everywhere: names, output, source, findings, the script's name."""
    story = Story()
    child = story.start(at=s(0.01), variable=None, name=text, class_name=text)
    story.prints(child, text, at=s(0.02))
    story.prints(child, text, at=s(0.03), stream=Stream.STDERR)
    story.calls(MAIN, text, at=s(0.031), name=text)
    story.ends(child, at=s(1))
    story.waits(MAIN, child, began=s(0.04), at=s(1))
    story.ends(MAIN, at=s(1.1))
    trace = story.trace()
    told = say("They said {words}", words=text)
    finding = Finding(
        "waits",
        Status.FAILED,
        told,
        Feedback(told, told, told, Location(script, 1)),
        hint=told,
        run=trace,
        relations=(Relation(Mark(child, s(1)), Mark(MAIN, s(0.04)), told),),
    )
    code = f"# {text}\nprint({text!r})\n".encode("utf-8", "replace")
    return grade([(finding, 1)], [trace], code=code, note=told, script=script)


def spawned() -> Grade:
    """The child prints a line too many where it is spawned."""
    runs = []
    for method in (StartMethod.FORK, StartMethod.SPAWN):
        story = Story(method)
        child = story.start(at=s(0.01), variable="p")
        story.prints(MAIN, "top", at=s(0.02))
        if method is StartMethod.SPAWN:
            story.prints(child, "top", at=s(0.03))
        story.ends(child, at=s(0.04))
        story.ends(MAIN, at=s(0.05))
        runs.append(story.trace())
    failed = Finding(
        "same-lines",
        Status.FAILED,
        say("The same lines are printed under both start methods"),
        Feedback(
            say("Main and p both printed “top”."),
            say("A spawned child imports the script."),
            say("Which lines are executed by an import?"),
        ),
        run=runs[1],
        relations=(Relation(Mark(1, s(0.03)), Mark(MAIN, s(0.02)), say("printed twice")),),
    )
    return grade(
        [(failed, 1), (replace(passed(), run=runs[0]), 1)],
        runs,
    )
