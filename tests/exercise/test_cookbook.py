"""The cookbook of the language: each row loads, and decides as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.checks import JudgeContext, Status
from grader.checks.judging import judge_check
from grader.source import Code
from grader.trace import MAIN, Trace
from tests.building import Story, s
from tests.checks.stage import submission
from tests.exercise.writing import HEAD, load

DOCUMENT = Path(__file__).parents[2] / "docs" / "exercise-language.md"
COOKBOOK = DOCUMENT.read_text("utf-8").partition("## Cookbook")[2].partition("\n## ")[0]
RECIPES = COOKBOOK.partition("| to say |")[2].partition("\n\n")[0]
CAST = COOKBOOK.partition("```yaml\n")[2].partition("```")[0]
ROWS = {
    to_say: "\n    ".join(re.findall(r"`([^`]+)`", write))
    for to_say, write in re.findall(r"^\| (.+?) \| (`.+`) \|$", RECIPES, re.M)
}

PLAYS: dict[str, tuple[str, str]] = {
    # what is to be said: a run that is right, and one that is wrong
    "`p` prints a line before it hears of something": (
        "p: ready | main: go",
        "main: go | p: ready",
    ),
    "a line comes two or three times": ("p: tick 1 | p: tick 2", "p: tick 1"),
    "a line comes at most twice, or not at all": (
        "p: nothing to try",
        "p: try 1 | p: try 2 | p: try 3",
    ),
    "nothing is printed after `done`": ("p: hello | main: done", "main: done | p: hello"),
    "the first line of each worker is a greeting": (
        "worker 1: hello 1 | worker 2: hello 2 | worker 1: bye",
        "worker 1: hello 1 | worker 2: well | worker 2: hello 2",
    ),
    "each of 1 to 3 is printed once, by whichever worker": (
        "worker 1: item 3 | worker 2: item 1 | worker 1: item 2",
        "worker 1: item 3 | worker 2: item 1 | worker 1: item 2 | worker 2: item 2",
    ),
    "the same, one after the other": (
        "worker 1: item 1 | worker 2: item 2 | worker 1: item 3",
        "worker 1: item 2 | worker 2: item 1 | worker 1: item 3",
    ),
    "each worker says both of two words, and no other": (
        "worker 1: say left | worker 2: say right | worker 1: say right | worker 2: say left",
        "worker 1: say left | worker 2: say right | worker 1: say right",
    ),
    "the third tick comes before `stop`": (
        "p: tick 1 | p: tick 2 | p: tick 3 | main: stop | p: tick 4",
        "p: tick 1 | p: tick 2 | main: stop | p: tick 3",
    ),
    "no tick comes after `stop`": (
        "p: no clock here | main: stop",
        "p: tick 1 | main: stop | p: tick 2",
    ),
    "`ping` and `pong` in turn, whoever begins": (
        "q: pong | p: ping | q: pong | p: ping",
        "p: ping | p: ping | q: pong | q: pong",
    ),
    "something comes when the first worker has ended": (
        "worker 1: a | worker 2: a | worker 2 ends | main: one is done",
        "worker 1: a | worker 2: a | main: one is done | worker 2 ends",
    ),
    "something comes when all workers have ended": (
        "worker 1: a | worker 2: a | worker 2 ends | worker 1 ends | main: all are done",
        "worker 1: a | worker 2: a | worker 2 ends | main: all are done",
    ),
    "nobody goes on before all have arrived": (
        "worker 1: arrived | worker 2: arrived | worker 1: gone on",
        "worker 1: arrived | worker 1: gone on | worker 2: arrived",
    ),
    "each worker for itself has begun before it ends": (
        "worker 1: begin | worker 1: end | worker 2: begin | worker 2: end",
        "worker 1: begin | worker 1: end | worker 2: end | worker 2: begin",
    ),
    "each worker is waited for before `done`": (
        "worker 1 ends | worker 2 ends | main waits for worker 2 | main waits for worker 1"
        " | main: done",
        "worker 1 ends | worker 2 ends | main waits for worker 2 | main: done",
    ),
    "two processes are never inside together, as a lock does it": (
        "worker 2: B begins | worker 2: B ends | worker 1: A begins | worker 1: A ends",
        "worker 2: B begins | worker 1: A begins | worker 2: B ends | worker 1: A ends",
    ),
    "never more than two are inside, and at some time there are two": (
        "worker 1: A enters | worker 2: B enters | worker 1: A leaves | worker 3: C enters"
        " | worker 3: C leaves | worker 2: B leaves",
        "worker 1: A enters | worker 1: A leaves | worker 2: B enters | worker 2: B leaves",
    ),
    "the same for the threads of main, or jobs that change hands": (
        "main: A enters | main: B enters | main: A leaves | main: C enters | main: C leaves"
        " | main: B leaves",
        "main: A enters | main: B enters | main: C enters | main: A leaves | main: C leaves"
        " | main: B leaves",
    ),
    "never more than two workers live at once": (
        "worker 1: a | worker 2: b",
        "worker 1: a | worker 2: b | worker 3: c",
    ),
    "each thing that is made is used once, and later": (
        "p: made 1 | q: used 1 | p: made 2 | p: made 3 | q: used 3 | q: used 2",
        "p: made 1 | q: used 1 | p: made 2 | q: used 2 | q: used 2",
    ),
    "and in the order in which it was made": (
        "p: made 1 | p: made 2 | q: used 1 | q: used 2",
        "p: made 1 | p: made 2 | q: used 2 | q: used 1",
    ),
    "whatever is sold was looked at before": (
        "p: looks at hat | p: looks at coat | q: sells coat | q: sells hat",
        "p: looks at hat | q: sells coat | p: looks at coat | q: sells hat",
    ),
    "whoever says goodbye has said hello": (
        "p: hello from A | q: hello from B | p: goodbye from A | q: goodbye from B",
        "p: hello from A | p: goodbye from A | q: goodbye from B | q: hello from B",
    ),
    "something comes at once after something else, whoever is slow": (
        "p: a | p ends | main: p is done",
        "p: a | p ends | q: b | main: p is done",
    ),
    "main hears of each worker's end at once, whichever ends first": (
        "worker 2 ends | main waits for worker 2 | worker 1 ends | main waits for worker 1",
        "worker 2 ends | worker 1 ends | main waits for worker 1 | main waits for worker 2",
    ),
    "`q` is free to come before `p`: one of the orders that are tried shows it": (
        "q: q is here | p: p is here",
        "p: p is here | q: q is here",
    ),
    "all workers are there at the same time": (
        "worker 1: a | worker 2: b | worker 1 ends | worker 2 ends",
        "worker 1: a",
    ),
    "there are exactly three workers": (
        "worker 1: a | worker 2: b | worker 3: c",
        "worker 1: a | worker 2: b",
    ),
    "somebody of a group says it": ("worker 1: found | worker 2: no", "worker 1: no | p: found"),
    "everybody of a group says it, and nobody else": (
        "worker 1: found | worker 2: found",
        "worker 1: found | worker 2: found | p: found",
    ),
    "each worker takes the lock, by `acquire` or a `with`": (
        "worker 1 calls multiprocessing.Lock.acquire | worker 2 calls multiprocessing.Lock.acquire",
        "worker 1 calls multiprocessing.Lock.acquire | worker 2: no lock here",
    ),
    "some worker locks the shared value, in one of two ways": (
        "worker 2 calls multiprocessing.Value.acquire | worker 1: no lock here",
        "worker 1: no lock here | main calls multiprocessing.Value.get_lock",
    ),
    "main takes five things out of the queue": (
        " | ".join(["main calls multiprocessing.Queue.get"] * 5),
        " | ".join(["main calls multiprocessing.Queue.get"] * 4),
    ),
    "main waits for all of its threads before `done`": (
        "job 1 ends | job 2 ends | main waits for job 2 | main waits for job 1 | main: done",
        "job 1 ends | job 2 ends | main waits for job 2 | main: done",
    ),
    "all threads are at work at the same time": (
        "job 1: a | job 2: b | job 1 ends",
        "job 1: a | main: only one",
    ),
    "each thread prints who it is before it ends": (
        "job 1: I am job 1 | job 2: I am job 2 | job 1 ends",
        "job 1: I am job 1 | job 2: I am job 1 | job 1 ends",
    ),
    "each thread takes the lock": (
        "job 1 calls threading.Lock.acquire | job 2 calls threading.Lock.acquire",
        "job 1 calls threading.Lock.acquire | job 2: a | main calls threading.Lock.acquire",
    ),
    "the threads are daemons": ("daemon job 1: a", "job 1: a"),
    "main sends `p` SIGUSR1 when it is ready, and does not kill it": (
        "p: ready | main sends p 10 | p: woken",
        "main sends p 10 | p: ready | p: woken",
    ),
    "the program `sort` ends well": ("sort ends", "sort ends with 2"),
    "main waits for `sort` before `done`, be it through a shell": (
        "sort ends | main waits for sort | main: done",
        "sort ends | main: done | main waits for sort",
    ),
    "in the end the file `tickets.json`, which the exercise gives, says that none is left": (
        'tickets.json is left with {"count": 0, "sold": 4}',
        'tickets.json is left with {"count": 1, "sold": 3}',
    ),
    "in the end the shared `total` is 4000": ("total holds 4000", "total holds 3127"),
}


def play(script: str) -> Trace:
    """A run in which these things happen, 0.1 s apart. Who is named in it is started at the
    beginning, and ends at the end unless that is said before.
    """
    story = Story()
    numbers = {"main": MAIN}
    for name in dict.fromkeys(re.findall(r"worker [0-9]|\b[pq]\b", script)):
        numbers[name] = story.start(at=s(len(numbers) / 100), name=name)
    if "sort" in script:
        numbers["sort"] = story.runs("/usr/bin/sort", at=s(0.01))
    jobs = {
        name: story.starts_thread(at=s(0.05), name=name, daemon="daemon" in script)
        for name in dict.fromkeys(re.findall(r"job [0-9]", script))
    }
    ended: set[str] = set()
    steps = script.split(" | ")
    for place, step in enumerate(steps, 1):
        at = s(place / 10)
        if line := re.fullmatch(r"(?:daemon )?([\w ]+): (.*)", step):
            thread = jobs.get(line[1])
            story.prints(numbers.get(line[1], MAIN), line[2], at=at, thread=thread)
        elif call := re.fullmatch(r"(.+) calls (\S+)", step):
            who = numbers.get(call[1], MAIN)
            story.calls(who, call[2], at=at, thread=jobs.get(call[1]))
        elif sent := re.fullmatch(r"(.+) sends (.+) ([0-9]+)", step):
            story.signals(numbers[sent[1]], numbers[sent[2]], signal=int(sent[3]), at=at)
        elif step == "sort ends with 2":
            story.ends(numbers["sort"], at=at, exit_status=2)
            ended.add("sort")
        elif held := re.fullmatch(r"(\S+) is left with (.*)", step):
            story.leaves(held[1], held[2])
        elif held := re.fullmatch(r"(\S+) holds (.*)", step):
            story.shares(held[1], held[2])
        elif wait := re.fullmatch(r"(.+) waits for (.+)", step):
            if wait[2] in jobs:
                story.joins_thread(jobs[wait[2]], at=at)
            else:
                story.waits(numbers[wait[1]], numbers[wait[2]], at=at)
        elif (name := step.removesuffix(" ends")) in jobs:
            story.ends_thread(jobs[name], at=at)
        else:
            ended.add(name)
            story.ends(numbers[name], at=at)
    for name, number in numbers.items():
        if number != MAIN and name not in ended:
            story.ends(number, at=s(len(steps) + 1))
    story.ends(MAIN, at=s(len(steps) + 2))
    return story.trace()


def test_every_row_is_played() -> None:
    """No row stands there that is not tried."""
    assert list(ROWS) == list(PLAYS)


@pytest.mark.parametrize("to_say", ROWS)
def test_a_row_decides_as_it_says(to_say: str) -> None:
    """The right run passes, and the wrong one fails."""
    asked = load(f"{HEAD}{CAST}checks:\n  - id: b\n    expect: e\n    {ROWS[to_say]}\n")
    handed_in = submission()
    for script, status in zip(PLAYS[to_say], (Status.PASSED, Status.FAILED), strict=True):
        context = JudgeContext(asked, play(script), handed_in, Code(handed_in))
        assert judge_check(asked.checks[0], context).status is status
