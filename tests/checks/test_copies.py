"""Memory that each process has for itself, names and lines, told on hand-written traces."""

from __future__ import annotations

import pytest

from grader.checks import Status
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, findings, said

SAYS_42 = {"id": "says", "prints": {"text": "42", "by": "main"}}


def test_a_global_set_in_the_child() -> None:
    """Row 10: each process has its own copy."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    story.prints(MAIN, "0", at=s(0.2))
    code = (
        "from multiprocessing import Process\n"
        "result = 0\n"
        "def compute():\n"
        "    global result\n"
        "    result = 42\n"
        "def work():\n"
        "    compute()\n"
        "p = Process(target=work)\n"
        "print(result)\n"
    )
    found = findings(story, SAYS_42, cast=ONE_CHILD, code=code)["says"]
    assert said(found) == [
        "Line 5 changes `result`, and that is done in the child: p has a `result` of its own. "
        "Main's "
        "stays as it was.",
        "A child gets a copy of everything when it is created. From then on, neither process "
        "sees what the other does with its copy.",
        "How could a value get from the child to main?",
    ]
    assert found.feedback.line is not None
    assert found.feedback.line.line == 5


CONTENTS = (
    "numbers = []\ndef work():\n    numbers.append(42)\n",
    "numbers = {}\ndef work():\n    numbers[0] = 42\n",
    "numbers = set()\ndef work():\n    numbers.add(42)\n",
)
OWN_CONTENTS = (
    "numbers = []\ndef work(numbers):\n    numbers.append(42)\n",
    "numbers = []\ndef work():\n    numbers = []\n    numbers.append(42)\n",
    "from multiprocessing import Manager\nnumbers = Manager().list()\n"
    "def work():\n    numbers.append(42)\n",
)


def printed_zero(code: str) -> str | None:
    """The mistake that is recognised where main prints 0 for 42 after a child has ended."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    story.prints(MAIN, "0", at=s(0.2))
    made = "from multiprocessing import Process\np = Process(target=work)\n"
    code += made + "print(sum(numbers))\n"
    return findings(story, SAYS_42, cast=ONE_CHILD, code=code)["says"].mistake


@pytest.mark.parametrize("code", CONTENTS)
def test_contents_that_a_child_changes(code: str) -> None:
    """A list, a dictionary and a set are copied likewise."""
    assert printed_zero(code) == "global-in-child"


@pytest.mark.parametrize("code", OWN_CONTENTS)
def test_contents_that_are_no_global(code: str) -> None:
    """A parameter, a local variable and a manager's list are none of the file's own."""
    assert printed_zero(code) is None


def test_a_global_that_main_does_not_print() -> None:
    """What main printed wrong has another reason, and that is what is told."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    story.prints(MAIN, "Done!", at=s(0.2))
    code = (
        "from multiprocessing import Process\n"
        "greeted = False\n"
        "def work():\n"
        "    global greeted\n"
        "    greeted = True\n"
        "p = Process(target=work)\n"
        "print('Done!')\n"
        "if greeted: print('hello')\n"
    )
    says_done = {"id": "says", "prints": {"text": "done", "by": "main"}}
    found = findings(story, says_done, cast=ONE_CHILD, code=code)["says"]
    assert said(found)[0] == "Main printed “Done!”; the task asks for “done”."


def test_a_global_set_in_main() -> None:
    """That is no mistake, and so no explanation."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    story.prints(MAIN, "0", at=s(0.2))
    code = (
        "from multiprocessing import Process\n"
        "def work(): pass\n"
        "def main():\n"
        "    global result\n"
        "    result = 0\n"
        "p = Process(target=work)\n"
    )
    found = findings(story, SAYS_42, cast=ONE_CHILD, code=code)["says"]
    assert said(found)[0] == "Main printed “0”; the task asks for “42”."


def test_output_that_was_not_sent_before_the_fork() -> None:
    """Row 35: the buffer is copied, too."""
    story = Story()
    child = story.start(at=s(0.01), variable=None, name="Process-1")
    story.prints(child, "begin child", at=s(0.02))
    story.prints(MAIN, "begin main", at=s(0.03))
    once = {"id": "once", "prints": {"text": "begin*", "times": 1}}
    code = "import os\nprint('begin', end=' ')\nif os.fork() == 0:\n    print('child')\n"
    assert said(findings(story, once, code=code)["once"]) == [
        "Main printed “begin main”, and Process-1 printed “begin child”, though only main came to "
        "line 2, which prints the beginning of both.",
        "`print` keeps its text in a buffer, and sends it later: at a line's end on a screen, when "
        "the buffer is full otherwise. `os.fork` (line 3) copies the process with all that it has "
        "not sent yet.",
        "What stands in the buffer at that line, and how could it be sent before?",
    ]


FORKS_IN_TIME = (
    "import os\nprint('line of main')\nif os.fork() == 0:\n    print('line of child')\n",
    "import os\nprint('line of ', end='', flush=True)\nif os.fork() == 0:\n    print('line')\n",
    "import os\nif os.fork() == 0:\n    print('line of ', end='')\nprint('line of ', end='')\n",
    "import os\nfor n in 1, 2:\n    print('line of ', end='')\n    os.fork()\n",
)


@pytest.mark.parametrize("code", FORKS_IN_TIME)
def test_lines_alike_that_were_not_copied(code: str) -> None:
    """Nothing was in the buffer, or it is not known to have been: each printed its own."""
    story = Story()
    child = story.start(at=s(0.01), variable=None, name="Process-1")
    story.prints(child, "line of child", at=s(0.02))
    story.prints(MAIN, "line of main", at=s(0.03))
    once = {"id": "once", "prints": {"text": "line*", "times": 1}}
    assert "buffer" not in " ".join(said(findings(story, once, code=code)["once"]))


LEAVES = "import os\ndef work():\n    print('hello', end='')\n    os._exit(0)\nos.fork()\n"


def test_output_that_is_lost() -> None:
    """What was printed and not sent when `os._exit` came is told as that."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    hello = {"id": "hello", "prints": {"text": "hello", "by": "child"}}
    found = findings(story, hello, cast=ONE_CHILD, code=LEAVES)["hello"]
    assert found.mistake == "output-lost"
    assert said(found)[0] == (
        "Line 3 prints “hello” without ending the line, and line 4 ends the process before that "
        "is sent."
    )


def test_output_that_is_not_lost() -> None:
    """Another text, and one that was sent, are missing for another reason."""
    story = Story()
    story.ends(story.start(at=s(0.01), variable="p"), at=s(0.1))
    bye = {"id": "bye", "prints": {"text": "bye", "by": "child"}}
    assert findings(story, bye, cast=ONE_CHILD, code=LEAVES)["bye"].mistake is None
    sent = LEAVES.replace("end=''", "end='', flush=True")
    hello = {"id": "hello", "prints": {"text": "hello", "by": "child"}}
    assert findings(story, hello, cast=ONE_CHILD, code=sent)["hello"].mistake is None


def test_the_name_is_overwritten() -> None:
    """Row 31: self.name before super().__init__()."""
    story = Story()
    story.start(at=s(0.01), variable="p", name="Worker-1", class_name="Worker")
    code = (
        "from multiprocessing import Process\n"
        "class Worker(Process):\n"
        "    def __init__(self, name):\n"
        "        self.name = name\n"
        "        super().__init__()\n"
    )
    named = {"id": "named", "named": {"who": "child", "is": "Li"}}
    assert said(findings(story, named, cast=ONE_CHILD, code=code)["named"]) == [
        "Line 4 sets the name, and line 5 calls the `__init__` of `Process`, which sets it once "
        "more.",
        "The `__init__` of `Process` chooses a name such as `Worker-1` if it is given none. What "
        "was set before is lost, and Python does not complain.",
        "Which of the two lines has the last word now, and which should have it?",
    ]
    handed_on = code.replace("__init__()", "__init__(name=name)")
    found = findings(story, named, cast=ONE_CHILD, code=handed_on)["named"]
    assert said(found)[0] == "p has the process name “Worker-1”; the task asks for “Li”."


def test_main_does_the_work() -> None:
    """Two lines of a silent child that main prints are one mistake."""
    story = Story()
    story.start(at=s(0.01), variable="p")
    for line in ("hello Li", "bye Li"):
        story.prints(MAIN, line, at=s(0.02))
    checks = [
        {"id": word, "prints": {"text": f"{word} *", "by": "child"}} for word in ("hello", "bye")
    ]
    found = findings(story, *checks, cast=ONE_CHILD)
    assert said(found["hello"]) == [
        "“hello Li” was printed by main, and p printed nothing at all.",
        "A child executes what its `target` does, and nothing else. All the rest of the script is "
        "main's own work.",
        "Which line prints it, and from where is that line called?",
    ]
    assert (found["bye"].status, found["bye"].cause) == (Status.SKIPPED, "hello")


def test_grandchildren_in_place_of_children() -> None:
    """Main starts one, and that one starts the next."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.start(child, at=s(0.02), line=5)
    three = {"id": "three", "count": {"who": "workers", "is": 3}}
    cast = {"workers": {"children-of": "main"}}
    assert said(findings(story, three, cast=cast)["three"]) == [
        "Main started p, and p started Process-1:1.",
        "A process is the child of the one that executes the line that starts it.",
        "Which process comes to that line, and how often?",
    ]


def test_any_name_at_all() -> None:
    """A line without the process's name is no try at it."""
    story = Story()
    child = story.start(at=s(0.01), variable="p")
    story.prints(child, "hello", at=s(0.02))
    check = {"id": "name", "prints": {"text": "*{name}*", "by": "child"}}
    assert said(findings(story, check, cast=ONE_CHILD)["name"])[0] == (
        "p printed “hello”. Its process name is “Process-1”, and that is not in it."
    )
    story.prints(child, "I am Process-1.", at=s(0.03))
    assert findings(story, check, cast=ONE_CHILD)["name"].status is Status.PASSED
