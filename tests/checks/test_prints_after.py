"""``prints`` with ``after`` and ``about``: lines that come late, and lines about others."""

from __future__ import annotations

from grader.checks import Status
from grader.trace import MAIN
from tests.building import FIRST_PID, Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, said, verdict

LAST_ANSWER = {
    "prints": {"text": "*False*", "by": "main", "after": {"prints": "开始", "by": "main"}}
}
ITS_PID = {"prints": {"text": "*{pid}*", "by": "main", "about": "child"}}
CHILD_PID, OTHER_PID = FIRST_PID + 3, FIRST_PID + 6


def main_prints(*lines: str, children: int = 1) -> Story:
    """Main starts children called ``p`` and prints these lines, a tenth of a second apart."""
    story = Story()
    for number in range(children):
        story.start(at=s(0.01), variable="p" if children == 1 else None, line=7 + number)
    for index, line in enumerate(lines, 1):
        story.prints(MAIN, line, at=s(index / 10))
    return story


def test_only_later_lines_count() -> None:
    """The same line before the moment is no help."""
    assert verdict(main_prints("False", "开始", "False"), LAST_ANSWER).status is Status.PASSED
    assert verdict(main_prints("False", "开始"), LAST_ANSWER).status is Status.FAILED


def test_another_line_came() -> None:
    """The last of them is shown."""
    assert said(verdict(main_prints("True", "开始", "...", "True"), LAST_ANSWER)) == [
        "After its line “开始”, main printed “True”; the task asks for “…False…”.",
        "What was printed before that moment does not count here.",
        "Which line of your script should print it, and when does it come to it?",
    ]


def test_nothing_came() -> None:
    """That may have another reason, such as a crash."""
    found = verdict(main_prints("False", "开始"), LAST_ANSWER)
    assert said(found)[0] == (
        "After its line “开始”, main printed nothing; the task asks for “…False…”."
    )
    assert found.missing


def test_the_moment_did_not_come() -> None:
    """That is said, and nothing else."""
    assert said(verdict(main_prints("False"), LAST_ANSWER))[0] == "Main did not print “开始”."


def test_never_after() -> None:
    """What came before is allowed."""
    check = {"prints": {"text": "x", "never": True, "after": {"prints": "开始", "by": "main"}}}
    assert verdict(main_prints("x", "开始"), check).status is Status.PASSED
    assert verdict(main_prints("开始", "x"), check).status is Status.FAILED


def test_the_truth_about_another() -> None:
    """Main prints the child's number, and not its own."""
    assert verdict(main_prints(f"pid {CHILD_PID}"), ITS_PID, ONE_CHILD).status is Status.PASSED


def test_the_number_of_who_prints() -> None:
    """The correction says whose number it is."""
    assert said(verdict(main_prints(f"pid {FIRST_PID}"), ITS_PID, ONE_CHILD)) == [
        f"Main printed “pid {FIRST_PID}”. It says pid {FIRST_PID}, and the pid of p is "
        f"{CHILD_PID}. {FIRST_PID} is the pid of main.",
        "`os.getpid()` answers for the process that calls it, and for no other. To learn about "
        "another process, ask the object that stands for it.",
        "Whose number does your line ask for, and whose does the task want?",
    ]


def test_before_there_is_a_number() -> None:
    """The object is asked before its process is started."""
    assert said(verdict(main_prints("pid: None"), ITS_PID, ONE_CHILD)) == [
        f"Main printed “pid: None”, and the pid of p is {CHILD_PID}.",
        "The object is there before the process. As long as nothing runs, `pid` is None.",
        "Which line of your script starts p?",
    ]


def test_nothing_about_another() -> None:
    """No number at all."""
    assert said(verdict(main_prints("hello"), ITS_PID, ONE_CHILD))[0] == (
        "Main did not print “…<pid>…”."
    )


def test_about_each_of_a_group() -> None:
    """Each has a line of its own."""
    check = {"prints": {"text": "*{pid}*", "by": "main", "about": "workers"}}
    both = main_prints(f"{CHILD_PID}", f"{OTHER_PID}", children=2)
    assert verdict(both, check, WORKERS).status is Status.PASSED
    one = main_prints(f"{CHILD_PID}", children=2)
    assert said(verdict(one, check, WORKERS))[0] == (
        f"Main printed “{CHILD_PID}”. It says pid {CHILD_PID}, and the pid of Process-2 is "
        f"{OTHER_PID}. {CHILD_PID} is the pid of Process-1."
    )
