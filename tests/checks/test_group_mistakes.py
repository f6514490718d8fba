"""Mistakes with several children, and with daemons."""

from typing import Any

from grader.checks import Finding, Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import WORKERS, findings, said

ALL: list[dict[str, Any]] = [
    {"id": "three", "count": {"who": "workers", "is": 3}},
    {"id": "together", "needs": ["three"], "together": "workers"},
    {
        "id": "waits",
        "needs": ["three"],
        "waited": {"for": "workers", "before": {"prints": "done", "by": "main"}},
    },
    {
        "id": "one-second",
        "needs": ["together", "waits"],
        "time": {"from": {"begins": "main"}, "to": {"prints": "done"}, "at-most": "1.5s"},
    },
    {"id": "clean", "clean": True},
]
SERIAL: list[dict[str, Any]] = [
    ALL[0],
    {"id": "one-at-a-time", "needs": ["three"], "one-at-a-time": "workers"},
    ALL[2],
]


def parallel(*waited: int, done: float = 1.1) -> Story:
    """Three workers at once; main waits for some of them."""
    story = Story()
    for number in (1, 2, 3):
        worker = story.start(at=s(number / 100))
        story.ends(worker, at=s(1 + number / 100))
    for number in waited:
        story.waits(MAIN, number, at=s(1.05))
    story.prints(MAIN, "done", at=s(done))
    story.ends(MAIN, at=s(1.2))
    return story


def serial(line: int | None = 10) -> Story:
    """Each worker is waited for before the next one starts."""
    story = Story()
    for number in range(3):
        worker = story.start(at=s(number + 0.01))
        story.ends(worker, at=s(number + 1))
        story.waits(MAIN, worker, at=s(number + 1), line=line)
    story.prints(MAIN, "done", at=s(3.1))
    story.ends(MAIN, at=s(3.2))
    return story


def failed(found: dict[str, Finding]) -> list[str]:
    return [each.check for each in found.values() if each.status is Status.FAILED]


def test_right() -> None:
    """Both right answers pass."""
    assert not failed(findings(parallel(1, 2, 3), *ALL, cast=WORKERS))
    assert not failed(findings(serial(), *SERIAL, cast=WORKERS))


def test_join_in_the_loop() -> None:
    """Row 12: the wait holds main back from the next start."""
    found = findings(serial(), *ALL, cast=WORKERS)
    assert failed(found) == ["together"]
    assert said(found["together"]) == [
        "Main waited for Process-1 (line 10) until 1.00 s, and only then started Process-2.",
        "While main waits, it starts nothing. If each start is followed by a wait, there is "
        "never more than one child.",
        "What should have happened already when main begins to wait for the first one?",
    ]
    assert found["one-second"].cause == "together"
    unseen = findings(serial(line=None), *ALL, cast=WORKERS)
    assert said(unseen["together"])[0] == (
        "Main waited for Process-1 until 1.00 s, and only then started Process-2."
    )


def test_only_the_last_is_joined() -> None:
    """Row 14: who was not waited for is named."""
    found = findings(parallel(3), *ALL, cast=WORKERS)
    assert failed(found) == ["waits"]
    assert said(found["waits"]) == [
        "Main waited for Process-3, but not for Process-1 and Process-2. Process-1 was at work "
        "until 1.01 s.",
        "Each wait is for one process and says nothing about the others, even where they happen "
        "to take equally long.",
        "How often is the line that waits executed, and for which process each time?",
    ]


def test_started_without_waiting_in_between() -> None:
    """Where they should come one after another, no wait is one cause for both checks."""
    found = findings(parallel(done=0.5), *SERIAL, cast=WORKERS)
    assert failed(found) == ["waits"]
    assert found["one-at-a-time"].cause == "waits"


def test_waited_for_afterwards() -> None:
    """All were waited for, but they ran at once."""
    found = findings(parallel(1, 2, 3), *SERIAL, cast=WORKERS)
    assert failed(found) == ["one-at-a-time"]


def test_main_speaks_before_it_waits() -> None:
    """The waits are there, after the line that they should hold back."""
    last = {"id": "last", "order": [{"ends": "workers"}, {"prints": "done", "by": "main"}]}
    found = findings(parallel(1, 2, 3, done=0.5), *ALL, last, cast=WORKERS)
    assert failed(found) == ["waits"]
    assert found["last"].cause == "waits"
    assert said(found["waits"]) == [
        "Main waited for Process-1, Process-2 and Process-3 only after its line “done” at "
        "0.50 s. Process-1 was at work until 1.01 s.",
        "A wait holds back the lines after it, not those before it.",
        "In which order does main come to its lines?",
    ]


def test_all_die_of_the_same() -> None:
    """Children that die of one error are told in one breath."""
    story = Story()
    for number in (1, 2, 3):
        worker = story.start(at=s(number / 100))
        story.raises(
            worker,
            'Traceback (most recent call last):\n  File "student.py", line 4, in f\n'
            "NameError: name 'tiem' is not defined",
            at=s(0.5 + number / 100),
        )
        story.waits(MAIN, worker, at=s(0.6))
    story.prints(MAIN, "done", at=s(0.7))
    story.ends(MAIN, at=s(0.7))
    greets = {"id": "greets", "prints": {"text": "hello", "by": "workers", "each": True}}
    found = findings(story, *ALL, greets, cast=WORKERS)
    assert failed(found) == ["clean"]
    assert found["greets"].cause == "clean"
    assert said(found["clean"])[0] == (
        "Process-1 stopped with an error at line 4: `NameError: name 'tiem' is not defined`. So "
        "did Process-2 and Process-3."
    )


PAIR: dict[str, Any] = {
    "p2": {"children-of": "main", "prints": "456", "count": 1},
    "p1": {"children-of": "main", "except": "p2", "count": 1},
}
DAEMONS: list[dict[str, Any]] = [
    {"id": "says-456", "count": {"who": "p2", "is": 1}},
    {"id": "p2-no-daemon", "needs": ["says-456"], "daemon": {"who": "p2", "is": False}},
    {"id": "p1-daemon", "needs": ["says-456"], "daemon": {"who": "p1", "is": True}},
    {"id": "says-end456", "prints": {"text": "end456", "by": "p2"}},
    {"id": "p2-finishes", "ended": {"who": "p2", "by": "itself"}},
]


def pair(*, p2_is_daemon: bool) -> Story:
    story = Story()
    p1 = story.start(at=s(0.01), variable="p1", daemon=True, line=5)
    p2 = story.start(at=s(0.02), variable="p2", daemon=p2_is_daemon, line=6)
    story.prints(p2, "456", at=s(0.03))
    story.code_ends(MAIN, at=s(0.12))
    for number in (p1, p2) if p2_is_daemon else (p1,):
        story.signals(MAIN, number, at=s(0.12), in_shutdown=True)
        story.ends(number, at=s(0.12), signal=15, sender=MAIN)
    if not p2_is_daemon:
        story.prints(p2, "end456", at=s(3))
        story.ends(p2, at=s(3))
    story.ends(MAIN, at=s(3))
    return story


def test_the_pair() -> None:
    """The right answer passes."""
    assert not failed(findings(pair(p2_is_daemon=False), *DAEMONS, cast=PAIR))


def test_set_after_the_start() -> None:
    """Row 22: the check on the daemon tells it, though it needs one that fails for it, too."""
    story = Story()
    p1 = story.start(at=s(0.01), variable="p1", line=5)
    story.raises(
        MAIN,
        'Traceback (most recent call last):\n  File "student.py", line 6, in <module>\n'
        "AssertionError: process has already started",
        at=s(0.02),
    )
    story.ends(p1, at=s(1))
    found = findings(story, *DAEMONS, cast=PAIR, code="\n" * 5 + "p1.daemon = True\n")
    assert failed(found) == ["p1-daemon"]
    assert said(found["p1-daemon"]) == [
        "`p1.daemon` was set only after the process had been started. Main stopped with an error "
        "at line 6: `AssertionError: process has already started`.",
        "Whether a process is a daemon is decided when it is started. Once it runs, that cannot "
        "be changed: it is an error, and none of the lines after this one is executed.",
        "At what time must a process know that it is a daemon?",
    ]
    assert found["says-456"].cause == "p1-daemon"


def test_the_flag_on_the_wrong_one() -> None:
    """Two checks fail, and it is one mistake."""
    story = Story()
    story.start(at=s(0.01), variable="p1", daemon=False, line=5)
    p2 = story.start(at=s(0.02), variable="p2", daemon=True, line=6)
    story.prints(p2, "456", at=s(0.03))
    story.ends(MAIN, at=s(3))
    found = findings(story, *DAEMONS[:3], cast=PAIR)
    assert failed(found) == ["p2-no-daemon"]
    assert found["p1-daemon"].cause == "p2-no-daemon"
    assert said(found["p2-no-daemon"]) == [
        "p2 was a daemon and p1 was not. The task asks for it the other way round.",
        "When main's own code is over, its daemons are ended at once, wherever they are; for its "
        "other children main waits.",
        "Which of the two is to finish its work, whatever main does?",
    ]


def test_a_daemon_is_expected_to_finish() -> None:
    """Row 24: main's end took it along."""
    found = findings(pair(p2_is_daemon=True), *DAEMONS[3:], cast=PAIR)
    assert failed(found) == ["says-end456"]
    assert said(found["says-end456"]) == [
        "p2 was ended at 0.12 s, because the code of main was over (SIGTERM). It was in the middle "
        "of its work.",
        "A daemon is not waited for: as soon as main's own code is over, it is ended, wherever it "
        "is in its work.",
        "How far does p2 get before main's code is over?",
    ]
    assert found["p2-finishes"].cause == "says-end456"


def test_a_text_for_a_flag() -> None:
    """Row 25: ``daemon='False'``, as a keyword and as an attribute."""
    for code in (
        "from multiprocessing import Process\np2 = Process(target=f, daemon='False')\n",
        "from multiprocessing import Process\np2 = Process()\np2.daemon = 'False'\n",
    ):
        found = findings(pair(p2_is_daemon=True), *DAEMONS, cast=PAIR, code=code)
        assert failed(found) == ["p2-no-daemon"]
        line = len(code.splitlines())
        assert said(found["p2-no-daemon"]) == [
            f"Line {line} sets `daemon` to the text “False”, and that made it a daemon.",
            "Every text that is not empty counts as true, whatever it says.",
            "Which two values does Python have for yes and no, and are they texts?",
        ]
