"""What beginners get wrong about ending a process, told on hand-written traces."""

from __future__ import annotations

from typing import Any

import pytest

from grader.checks import Finding, Status
from grader.trace import MAIN, Outcome, StartMethod, WaitReason
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, findings, said

CHECKS: list[dict[str, Any]] = [
    {"id": "ended", "ended": {"who": "child", "signal": "SIGTERM", "by": "main"}},
    {"id": "begins", "prints": {"text": "begin", "by": "main"}},
    {
        "id": "last",
        "needs": ["begins"],
        "prints": {"text": "*False*", "by": "main", "after": {"prints": "begin", "by": "main"}},
    },
    {"id": "clean", "clean": True},
]
HEAD = "from multiprocessing import Process\np = Process(target=print)\np.start()\n"
"""Three lines; a script's own ones begin with line 4."""


def child(story: Story) -> int:
    return story.start(at=s(0.01), variable="p", line=3)


def told(story: Story, *lines: str) -> Finding:
    """The only finding that accuses."""
    code = HEAD + "".join(f"{line}\n" for line in lines)
    found = findings(story, *CHECKS, cast=ONE_CHILD, code=code)
    silent = (Status.PASSED, Status.SKIPPED)
    (finding,) = [each for each in found.values() if each.status not in silent]
    return finding


def ends(story: Story, *answers: str, at: float = 1.0) -> None:
    """Main says what is asked for, and ends."""
    for index, line in enumerate(("begin", *answers)):
        story.prints(MAIN, line, at=s(at + index / 100))
    story.ends(MAIN, at=s(5))


def test_right() -> None:
    """Asked, waited for, and then asked whether it is alive."""
    story = Story()
    p = child(story)
    story.signals(MAIN, p, at=s(0.02))
    story.ends(p, at=s(0.03), signal=15, sender=MAIN)
    story.waits(MAIN, p, at=s(0.03))
    ends(story, "False")
    found = findings(story, *CHECKS, cast=ONE_CHILD, code=HEAD)
    assert {each.status for each in found.values()} == {Status.PASSED}


def test_asked_too_early() -> None:
    """Row 26: the answer of is_alive right after terminate is anybody's guess."""
    story = Story()
    p = child(story)
    story.signals(MAIN, p, at=s(0.02))
    story.calls(MAIN, "is_alive", at=s(0.04), target=p, line=7)
    story.ends(p, at=s(2), signal=15, sender=MAIN)
    ends(story, "True")
    finding = told(story, "p.terminate()")
    assert said(finding) == [
        "After its line “begin”, main printed “True”; the task asks for “…False…”.",
        "`terminate()` is a request and comes back at once. Here main asked for the last time at "
        "0.04 s, and p was gone at 2.00 s. On another day the answer is another.",
        "What lets main wait until p is really gone, however long that takes?",
    ]
    assert finding.feedback.line is not None
    assert finding.feedback.line.line == 7


def test_terminate_is_named_and_not_called() -> None:
    """As with start and join."""
    story = Story()
    story.ends(child(story), at=s(0.9))
    ends(story, "False")
    assert said(told(story, "p.terminate")) == [
        "Line 4 names `p.terminate` but does not call it.",
        "The name of a method alone does nothing, and Python does not complain.",
        "What is the difference between naming a function and calling it?",
    ]


def test_the_answer_is_the_method_itself() -> None:
    """Row 34: is_alive is printed and not called."""
    story = Story()
    p = child(story)
    story.signals(MAIN, p, at=s(0.02))
    story.ends(p, at=s(0.03), signal=15, sender=MAIN)
    ends(story, "<bound method BaseProcess.is_alive of <Process name='Process-1'>>")
    assert said(told(story, "p.terminate()", "print(p.is_alive)")) == [
        "Line 5 names `p.is_alive` but does not call it.",
        "The name of a method alone is the method itself. Printed, it shows as "
        "`<bound method ...>`, and never as an answer.",
        "What is the difference between naming a function and calling it?",
    ]


def test_terminate_comes_too_late() -> None:
    """A wait before it holds it up."""
    story = Story()
    p = child(story)
    story.ends(p, at=s(0.5))
    story.calls(MAIN, "terminate", at=s(0.6), target=p, line=5)
    ends(story, "False")
    assert said(told(story, "p.join()", "p.terminate()")) == [
        "p ended by itself at 0.50 s; main came to its `terminate` (line 5) only at 0.60 s.",
        "Where nothing runs any more there is nothing to end.",
        "Which line before holds main up, and until when?",
    ]


def test_a_timeout_is_no_signal() -> None:
    """Row 17: join(timeout) is taken for something that ends the child."""
    story = Story()
    p = child(story)
    story.gives_up_waiting(MAIN, p, began=s(0.02), at=s(0.12))
    story.ends(p, at=s(0.9))
    story.waits(MAIN, p, at=s(0.9))
    ends(story, "False")
    assert said(told(story, "p.join(0.1)")) == [
        "Main gave up waiting for p at 0.12 s. p was at work until 0.90 s.",
        "A time-out ends the waiting, not the child. Afterwards the child may still be at work.",
        "Which line of main is to end p?",
    ]


def test_a_request_is_ignored() -> None:
    """Row 28: the child lives on."""
    story = Story()
    p = child(story)
    story.signals(MAIN, p, at=s(0.02), line=4)
    story.ends(p, at=s(0.9))
    ends(story, "False")
    assert said(told(story, "p.terminate()")) == [
        "Main asked p to end at 0.02 s, and it went on. p was at work until 0.90 s.",
        "`terminate()` asks: it sends the signal SIGTERM, which a process can ignore. `kill()` "
        "does not ask: no process can ignore SIGKILL.",
        "Which line of p says what it does when it is asked to end?",
    ]


def test_killed_while_it_held_a_lock() -> None:
    """Row 27: nobody gives the lock back."""
    story = Story()
    p = child(story)
    story.signals(MAIN, p, at=s(0.5), line=4)
    story.ends(p, at=s(0.5), signal=15, sender=MAIN)
    story.prints(MAIN, "begin", at=s(0.6))
    story.blocks(MAIN, WaitReason.LOCK)
    story.outcome(Outcome.DEADLOCK)
    assert said(told(story, "p.terminate()")) == [
        "p was ended by main at 0.50 s (SIGTERM). Now main waits for a lock that is never "
        "released.",
        "A signal ends a process on the spot. It does not come to the end of its `with` block, "
        "nor to `finally`, and a lock that it holds stays locked.",
        "What did p hold just then, and who could give it back?",
    ]


def test_a_zombie() -> None:
    """Row 30: ended and not collected."""
    story = Story()
    p = child(story)
    story.ends(p, at=s(0.5))
    for number in range(6, 9):
        story.signals(MAIN, p, at=s(number / 10), signal=0)
    story.outcome(Outcome.TIME_LIMIT)
    story.left_alive(MAIN)
    assert said(told(story, "while exists(p.pid): pass")) == [
        "p ended at 0.50 s, and main asked again and again whether it exists. It always did.",
        "A process that has ended stays in the system's list until its parent collects it. It no "
        "longer works, but it still has its number: a zombie.",
        "With which call does main take notice of the end of a child?",
    ]


def test_a_hard_exit() -> None:
    """os._exit leaves out the shutdown, which ends daemons."""
    story = Story()
    p = child(story)
    story.prints(MAIN, "begin", at=s(0.1))
    story.ends(MAIN, at=s(0.2))
    story.ends(p, at=s(1))
    checks = [{"id": "gone", "order": [{"ends": "child"}, {"ends": "main"}]}, CHECKS[-1]]
    code = HEAD + "import os\nos._exit(0)\n"
    found = findings(story, *checks, cast=ONE_CHILD, code=code)
    assert said(found["gone"]) == [
        "Line 5 ends main on the spot. p went on without it.",
        "When main's code is over, `multiprocessing` ends the daemons and waits for the other "
        "children. `os._exit` leaves all that out.",
        "What would happen at main's end without this line?",
    ]
    assert found["clean"].cause == "gone"


@pytest.mark.parametrize("creator", ["p", "main"])
def test_a_hard_exit_that_leaves_another_program(creator: str) -> None:
    """No shutdown of main ends it: who started it is what counts."""
    story = Story()
    p = child(story)
    by = MAIN if creator == "main" else p
    program = story.start(by, at=s(0.02), method=StartMethod.SUBPROCESS, name=None)
    story.waits(MAIN, p, at=s(0.1))
    story.ends(p, at=s(0.1))
    story.ends(MAIN, at=s(0.2))
    story.ends(program, at=s(9))
    code = HEAD + "import os\nos._exit(0)\n"
    (finding,) = findings(story, CHECKS[-1], cast=ONE_CHILD, code=code).values()
    assert (
        said(finding)[0]
        == {
            "p": "Main had ended, and still alive: process 2, started by p.",
            "main": "Main had ended, and still alive: process 2.",
        }[creator]
    )


def test_ended_by_the_second_signal_that_was_sent() -> None:
    """The line is that of the signal that ended it, not that of one that it has borne."""
    story = Story()
    p = child(story)
    story.prints(p, "hello", at=s(0.02))
    story.signals(MAIN, p, at=s(0.4), signal=10, line=11)
    story.signals(MAIN, p, at=s(0.5), line=12)
    story.ends(p, at=s(0.5), signal=15, sender=MAIN)
    story.ends(MAIN, at=s(0.52))
    check = {"id": "done", "prints": {"text": "done", "by": "child"}}
    (finding,) = findings(story, check, cast=ONE_CHILD, code=HEAD).values()
    assert said(finding)[0] == (
        "p was ended by main at 0.50 s (SIGTERM), at line 12. It was in the middle of its work."
    )


def test_ended_in_the_middle_of_its_work() -> None:
    """What a child does not print because main ended it: by whom, when, at which line."""
    story = Story()
    p = child(story)
    story.prints(p, "hello", at=s(0.02))
    story.signals(MAIN, p, at=s(0.5), line=12)
    story.ends(p, at=s(0.5), signal=15, sender=MAIN)
    story.waits(MAIN, p, at=s(0.51))
    story.ends(MAIN, at=s(0.52))
    check = {"id": "done", "prints": {"text": "done", "by": "child"}}
    (finding,) = findings(story, check, cast=ONE_CHILD, code=HEAD).values()
    assert said(finding) == [
        "p was ended by main at 0.50 s (SIGTERM), at line 12. It was in the middle of its work.",
        "A signal ends a process in the middle of what it does: it never comes to the rest of its "
        "lines.",
        "What would p have done next without that?",
    ]
    assert finding.feedback.line is not None
    assert finding.feedback.line.line == 12
    to_be_ended = {"id": "ended", "ended": {"who": "child", "by": "main"}}
    found = findings(story, check, to_be_ended, cast=ONE_CHILD, code=HEAD)
    assert said(found["done"])[0] == "p did not print “done”."
