"""`subclass` and `called`: the classes of process objects, and what is asked of them."""

from __future__ import annotations

import pytest

from grader.checks import Status
from grader.trace import MAIN, Location
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, said, verdict

OWN_RUN = {"subclass": {"who": "child", "overrides": "run", "inherits": "start"}}
WORKER = "from multiprocessing import Process\nclass Worker(Process):\n"


def play(class_name: str | None) -> Story:
    story = Story()
    story.start(at=s(0.01), variable="p", class_name=class_name, line=9)
    return story


def test_a_class_of_ones_own() -> None:
    """A subclass with its own run and the start of Process is right."""
    code = WORKER + "    def run(self): pass\n"
    assert verdict(play("Worker"), OWN_RUN, ONE_CHILD, code).status is Status.PASSED


def test_what_is_inherited_from_a_class_of_ones_own() -> None:
    """The method may stand in another class of the script."""
    code = WORKER + "    def run(self): pass\nclass Painter(Worker): pass\n"
    assert verdict(play("Painter"), OWN_RUN, ONE_CHILD, code).status is Status.PASSED


def test_the_class_process_itself() -> None:
    """A class that is defined and not used does not count."""
    code = WORKER + "    def run(self): pass\n"
    found = verdict(play("Process"), OWN_RUN, ONE_CHILD, code)
    assert said(found) == [
        "p was made from multiprocessing's own class `Process`.",
        "The task asks for a class of your own that is a `Process` and says in a method what the "
        "child does.",
        "How does a class of yours become a kind of `Process`?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 9


def test_a_class_of_ones_own_may_be_called_process() -> None:
    """The name says nothing."""
    code = "import multiprocessing as mp\nclass Process(mp.Process):\n    def run(self): pass\n"
    assert verdict(play("Process"), OWN_RUN, ONE_CHILD, code).status is Status.PASSED


def test_a_class_is_what_python_says_it_is() -> None:
    """A method may come into a class by an assignment, a decorator or a call of ``type``: where the
    interpreter has told which methods a class has of its own, the code is not asked.
    """
    story = Story()
    story.start(at=s(0.01), variable="p", class_name="Made", line=9, own_methods=("run",))
    for code in (WORKER + "    pass\n", "Made = type('Made', (Process,), {'run': work})\n"):
        assert verdict(story, OWN_RUN, ONE_CHILD, code).status is Status.PASSED


@pytest.mark.parametrize(
    ("own", "happened"),
    [
        (("__init__",), "The class `Made` has no `run` of its own."),
        (("run", "start"), "The class `Made` has a `start` of its own."),
    ],
)
def test_a_class_that_cannot_be_found_in_the_code(own: tuple[str, ...], happened: str) -> None:
    """It is known all the same which methods it has, and where it was used."""
    story = Story()
    story.start(at=s(0.01), variable="p", class_name="Made", line=9, own_methods=own)
    found = verdict(story, OWN_RUN, ONE_CHILD, "Made = type('Made', (Process,), methods)\n")
    assert said(found)[0] == happened
    assert found.feedback.line == Location("student.py", 9)


def test_no_run() -> None:
    """The work stands elsewhere."""
    code = WORKER + "    def work(self): pass\n"
    found = verdict(play("Worker"), OWN_RUN, ONE_CHILD, code)
    assert said(found) == [
        "The class `Worker` has no `run` of its own.",
        "A class that has no such method of its own uses the one of `Process`.",
        "Which method of `Process` is there for the work of the child?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 2


def test_no_init() -> None:
    """Another method than `run` is not asked for as the child's work."""
    check = {"subclass": {"who": "child", "overrides": "__init__"}}
    found = verdict(play("Worker"), check, ONE_CHILD, WORKER + "    def run(self): pass\n")
    assert said(found)[::2] == [
        "The class `Worker` has no `__init__` of its own.",
        "What is your class to do there that `Process` does not?",
    ]


def test_a_start_of_its_own() -> None:
    """Even one that calls the inherited start."""
    code = WORKER + "    def run(self): pass\n    def start(self): super().start()\n"
    found = verdict(play("Worker"), OWN_RUN, ONE_CHILD, code)
    assert said(found) == [
        "The class `Worker` (line 2) has a `start` of its own.",
        "`Process` has this method already, and it does what is needed here.",
        "What would change if your class left this method out?",
    ]


@pytest.mark.parametrize(("class_name", "code"), [(None, "pass"), ("Made", "pass")])
def test_a_class_that_is_not_seen(class_name: str | None, code: str) -> None:
    """Nothing is held against a student whose class the grader cannot find."""
    found = verdict(play(class_name), OWN_RUN, ONE_CHILD, code)
    assert found.status is Status.INCONCLUSIVE


def test_no_child() -> None:
    """That is said by the cast."""
    assert said(verdict(Story(), OWN_RUN, ONE_CHILD))[0] == (
        "Main started no process. There should be 1."
    )


CALLS_START = {"called": {"method": "start", "by": "child"}}


def test_called() -> None:
    """Whether or not anything comes of it."""
    story = play("Process")
    story.calls(1, "start", at=s(0.02))
    assert verdict(story, CALLS_START, ONE_CHILD).status is Status.PASSED
    assert verdict(story, {"called": {"method": "start"}}, ONE_CHILD).status is Status.PASSED


def test_called_by_somebody_else() -> None:
    """Main's own call is not the child's."""
    story = play("Process")
    story.calls(MAIN, "start", at=s(0.01), target=1)
    found = verdict(story, CALLS_START, ONE_CHILD, "p.start()")
    assert said(found) == [
        "p never called `start`.",
        "Only the process that comes to such a line does what the line says.",
        "Which process comes to the line with `start`?",
    ]
    assert found.missing


def test_called_by_nobody() -> None:
    """Of any process it is enough that one does."""
    found = verdict(play("Process"), {"called": {"method": "kill"}}, ONE_CHILD)
    assert said(found)[0] == "No process called `kill`."


def test_calls_that_are_not_seen() -> None:
    """Without the probe nothing is known of them."""
    story = Story()
    story.start(at=s(0.01), name=None)
    assert verdict(story, CALLS_START, ONE_CHILD).status is Status.INCONCLUSIVE


def test_called_by_nobody_in_the_whole_script() -> None:
    """Then no process is asked, and no line is."""
    asks = {"called": {"method": "is_alive", "by": "main"}}
    assert said(verdict(play("Process"), asks, ONE_CHILD, "print(True)")) == [
        "Main never called `is_alive`.",
        "No line of the script calls it. Whatever is printed there, no process was asked.",
        "Which object is to be asked, and at which line?",
    ]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("p = 1\nProcess.is_alive = lambda self: False\np.is_alive()", 2),
        (WORKER + "    def is_alive(self): return False\n", 2),
    ],
)
def test_a_method_that_was_replaced(code: str, line: int) -> None:
    """What stands in its place is no question to a process."""
    asks = {"called": {"method": "is_alive", "by": "main"}}
    found = verdict(play("Process"), asks, ONE_CHILD, code)
    assert said(found) == [
        "Main never called `is_alive`.",
        f"Line {line} puts something else in the place of `is_alive`, which does not know "
        "the process.",
        "What would `is_alive` of `Process` itself answer there?",
    ]
    assert found.feedback.line == Location("student.py", line)


def test_called_twice() -> None:
    """Where it is to be called twice, once is not enough."""
    asks = {"called": {"method": "is_alive", "by": "main", "at-least": 2}}
    story = play("Process")
    story.calls(MAIN, "is_alive", at=s(0.02), target=1, line=7)
    assert said(verdict(story, asks, ONE_CHILD)) == [
        "Main called `is_alive` only once, at line 7.",
        "An answer holds for the moment of the question. Later it may be different.",
        "At which line should `is_alive` be called once more?",
    ]
    story.calls(MAIN, "is_alive", at=s(0.03), target=1, line=9)
    assert verdict(story, asks, ONE_CHILD).status is Status.PASSED


LOCKED = {"function": ["multiprocessing.Lock.acquire"], "by": "workers", "each": True}
TWO = {"workers": {"children-of": "main", "count": 2}}


def used(*calls: tuple[int, int]) -> Story:
    """Two workers, and who of all calls ``acquire`` of a lock, with the line."""
    story = Story()
    for name in ("a", "b"):
        story.start(at=s(0.01), name=name, variable=name)
    for who, line in calls:
        story.calls(who, "multiprocessing.Lock.acquire", at=s(0.1), line=line)
    return story


def test_each_calls_something_of_the_librarys() -> None:
    """It is not enough that one does, nor that main does."""
    code = "def work():\n    with lock: pass\n"
    assert verdict(used((1, 2), (2, 2)), {"called": LOCKED}, TWO, code).status is Status.PASSED
    found = verdict(used((1, 2), (0, 2)), {"called": LOCKED}, TWO, code)
    assert said(found) == [
        "b never called `multiprocessing.Lock.acquire`.",
        "What counts is that a process comes to such a line, and that the object is of this kind: "
        "others have methods that are called the same.",
        "Which process comes to the line with `multiprocessing.Lock.acquire`?",
    ]


def test_one_of_a_group_and_of_several_functions_is_enough() -> None:
    """Without `each` one call counts, whichever of the functions it is of."""
    some = {"function": ["multiprocessing.RLock.acquire", *LOCKED["function"]], "by": "workers"}
    assert verdict(used((2, 2)), {"called": some}, TWO).status is Status.PASSED
    assert said(verdict(used(), {"called": some}, TWO, "print(1)\n")) == [
        "a and b never called `multiprocessing.RLock.acquire` or `multiprocessing.Lock.acquire`.",
        "No line of the script calls it.",
        "Which line should call `multiprocessing.RLock.acquire` or `multiprocessing.Lock.acquire`, "
        "and which process executes it?",
    ]


def test_it_is_called_so_often() -> None:
    """What all of a group call is counted together."""
    thrice = {**LOCKED, "each": False, "at-least": 3}
    assert verdict(used((1, 2), (2, 2), (2, 3)), {"called": thrice}, TWO).status is Status.PASSED
    assert said(verdict(used((1, 2)), {"called": thrice}, TWO)) == [
        "a called `multiprocessing.Lock.acquire` only once, at line 2. This check asks for 3.",
        "Each time that a line is executed is one call.",
        "How often does each process come to such a line?",
    ]


def test_what_is_never_to_be_called() -> None:
    """The line that calls it is shown."""
    never = {"function": LOCKED["function"], "never": True}
    assert verdict(used(), {"called": never}, TWO).status is Status.PASSED
    found = verdict(used((2, 7)), {"called": never}, TWO)
    assert said(found) == [
        "b called `multiprocessing.Lock.acquire` at line 7.",
        "The task asks for a program that does without it.",
        "What is that line there for, and what else could do it?",
    ]
