"""``source``: what the code says, with imports resolved and never by searching text."""

import sys
from dataclasses import replace
from typing import Any

import pytest

from grader.checks import Status
from grader.source import Code
from grader.trace import MAIN, Stream
from tests.building import Story, s
from tests.checks.stage import exercise, happened, judged_runs, submission, verdict

AVOIDS_POOL = {"source": {"avoids": "multiprocessing.Pool"}}
CALLS_PROCESS = {"source": {"calls": "multiprocessing.Process"}}
RIGHT = "import multiprocessing\nmultiprocessing.Process()\n"


@pytest.mark.parametrize(
    "code",
    [
        "from multiprocessing import Process\nProcess()",
        "from multiprocessing import Process as P\nP()",
        "import multiprocessing\nmultiprocessing.Process()",
        "import multiprocessing as mp\nmp.Process()",
        "from multiprocessing import *\nProcess()",
        "import multiprocessing as mp\nctx = mp.get_context('spawn')\nctx.Process()",
        "import multiprocessing as mp\nmp.get_context('fork').Process()",
        "import multiprocessing as mp\nP = mp.Process\nP()",
        "def f():\n    import multiprocessing as mp\n    mp.Process()",
    ],
)
def test_names_after_imports(code: str) -> None:
    """However it was imported, it is the same."""
    assert verdict(Story(), CALLS_PROCESS, code=code).status is Status.PASSED


@pytest.mark.parametrize(
    "code",
    [
        "from multiprocessing import Process\nMake = Process\nMake()",
        "import multiprocessing as mp\nclass Worker(mp.Process): pass\nWorker()",
        "import multiprocessing\nmultiprocessing.get_context('fork').Process()",
    ],
)
def test_every_way_to_make_a_process_object(code: str) -> None:
    """By another name, of a class of one's own, and of a context."""
    assert verdict(Story(), CALLS_PROCESS, code=code).status is Status.PASSED


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import os\nos.fork()", "os.fork"),
        (
            "from concurrent.futures import ProcessPoolExecutor as E\nE()",
            "concurrent.futures.ProcessPoolExecutor",
        ),
    ],
)
def test_other_ways_to_make_a_process(code: str, name: str) -> None:
    """What makes processes without a `Process` object is named."""
    found = verdict(Story(), CALLS_PROCESS, code=code)
    assert happened(found) == f"Line 2 calls `{name}`, and no line makes a `Process`."


def test_a_process_object_made_in_a_way_that_the_code_does_not_show() -> None:
    """It was seen at work: nobody is accused."""
    story = Story()
    story.start(at=s(0.1))
    code = "import multiprocessing\ngetattr(multiprocessing, 'Pro' + 'cess')().start()"
    assert verdict(story, CALLS_PROCESS, code=code).status is Status.PASSED


@pytest.mark.parametrize(
    "code",
    [
        "# Process()",
        "print('multiprocessing.Process()')",
        "from threading import Process\nProcess()",
        "import multiprocessing\nmultiprocessing.Process",
    ],
)
def test_what_is_no_call(code: str) -> None:
    """A comment, a text, another module's name, and a name that is not called."""
    found = verdict(Story(), CALLS_PROCESS, code=code)
    assert happened(found) == "No line of the script makes a `Process`."


@pytest.mark.parametrize(
    "code",
    [
        "from multiprocessing import Pool\nwith Pool(5) as pool: pass",
        "from multiprocessing.pool import Pool\nx = 1\nPool()",
        "import multiprocessing.pool\nx = 1\nmultiprocessing.pool.Pool()",
    ],
)
def test_avoids(code: str) -> None:
    """What should not be called, and the line that does."""
    found = verdict(Story(), AVOIDS_POOL, code=code)
    assert found.status is Status.FAILED
    assert found.feedback.line is not None
    assert happened(found) == f"Line {found.feedback.line.line} calls `multiprocessing.Pool`."


def test_avoided() -> None:
    """A name of its own that looks the same does not matter."""
    code = "def Pool(): pass\nPool()"
    assert verdict(Story(), AVOIDS_POOL, code=code).status is Status.PASSED


THREAD_CLASS = "from threading import Thread\nclass Worker(Thread):\n    pass\n"


@pytest.mark.parametrize(
    ("wanted", "code", "holds"),
    [
        ("Process.join", "for p in ps:\n    p.join()", True),
        ("Process.join", "','.join(names)", False),
        ("Process.join", "import os.path\nos.path.join('a')", False),
        ("Process.terminate", "x.y.terminate()", True),
        ("greet", "greet()", True),
        ("time.sleep", "from time import sleep as nap\nnap(1)", True),
        ("threading.Thread", f"{THREAD_CLASS}Worker()", True),
        ("threading.Thread", THREAD_CLASS, False),
        ("threading.Semaphore", "import threading\nthreading.BoundedSemaphore(3)", True),
        ("threading.BoundedSemaphore", "import threading\nthreading.Semaphore(3)", False),
    ],
)
def test_methods(wanted: str, code: str, holds: bool) -> None:
    """A method of Process may be that of any object but a text or a module; an object of a
    subclass is made by calling that.
    """
    found = verdict(Story(), {"source": {"calls": wanted}}, code=code)
    assert (found.status is Status.PASSED) is holds


WORKER = "from multiprocessing import Process\nclass Worker(Process):\n    def run(self): pass\n"


@pytest.mark.parametrize(
    ("wanted", "code", "holds"),
    [
        ("Process.run", WORKER, True),
        ("Process.run", WORKER + "class Busy(Worker): pass", True),
        ("Process.run", "class Worker:\n    def run(self): pass", False),
        ("Process.start", WORKER, False),
        ("Worker.run", WORKER, True),
        ("Worker", WORKER, True),
        ("run", WORKER, False),
        ("greet", "def greet(): pass", True),
        ("greet", "greet = 1", False),
    ],
)
def test_defines(wanted: str, code: str, holds: bool) -> None:
    """A function, a class, a method, a method in any subclass of Process."""
    found = verdict(Story(), {"source": {"defines": wanted}}, code=code)
    assert (found.status is Status.PASSED) is holds


def test_defines_in_a_subclass_of_a_subclass() -> None:
    """Subclasses are found however far down, and in whatever order."""
    code = "from multiprocessing import Process\n" + (
        "class C(B):\n    def run(self): pass\nclass B(A): pass\nclass A(Process): pass"
    )
    check = {"source": {"defines": "Process.run"}}
    assert verdict(Story(), check, code=code).status is Status.PASSED


@pytest.mark.parametrize(
    ("code", "holds"),
    [
        ("p = Process()\np.start()", False),
        ("if __name__ == '__main__':\n    p = Process()\n    p.start()", True),
        ("if '__main__' == __name__:\n    Process().start()", True),
        ("def main():\n    Process().start()\nif __name__ == '__main__':\n    main()", True),
        ("if __name__ == '__main__':\n    pass\nelse:\n    Process().start()", False),
        ("if True:\n    Process().start()", False),
    ],
)
def test_guarded(code: str, holds: bool) -> None:
    """Processes are started only under the guard, or in functions."""
    source = "from multiprocessing import Process\n" + code
    found = verdict(Story(), {"source": {"guarded": True}}, code=source)
    assert (found.status is Status.PASSED) is holds


def test_several_at_once() -> None:
    """All that is given must hold."""
    check: dict[str, Any] = {"source": {"calls": "f", "avoids": "g"}}
    assert verdict(Story(), check, code="f()").status is Status.PASSED
    assert happened(verdict(Story(), check, code="f()\ng()")) == "Line 2 calls `g`."


def test_syntax_of_a_newer_python() -> None:
    """What the grader's own interpreter cannot read is not held against anyone."""
    found = verdict(Story(), CALLS_PROCESS, code="x = = 1")
    assert found.status is Status.INCONCLUSIVE
    assert happened(found) == "The grader's own Python cannot read student.py; a newer one might."


def refused(*lines: str) -> Story:
    """Main is an interpreter that gives up before it executes anything."""
    story = Story()
    for line in lines:
        story.prints(MAIN, line, at=s(0.01), stream=Stream.STDERR)
    story.ends(MAIN, at=s(0.02), exit_status=1)
    return story


@pytest.mark.parametrize(
    "said",
    [
        "MemoryError",
        "MemoryError: Parser stack overflowed - Python source too complex to parse",
        "RecursionError: maximum recursion depth exceeded during compilation",
        "RecursionError: Stack overflow (used 7872 kB) during compilation",
    ],
)
def test_a_script_that_python_could_not_compile(said: str) -> None:
    """It shows nothing, though the grader itself may be able to read it."""
    found = verdict(refused(said), CALLS_PROCESS, code=RIGHT)
    assert found.status is Status.FAILED
    assert happened(found) == "Python cannot read the script."


def test_what_a_script_says_of_itself_is_no_compilers() -> None:
    """An error with a line that led to it came of something that was executed."""
    story = refused(
        "Traceback (most recent call last):", '  File "student.py", line 9, in f', "MemoryError"
    )
    assert verdict(story, CALLS_PROCESS, code=RIGHT).status is Status.PASSED


def test_a_source_that_is_too_deep_is_the_students() -> None:
    """Nobody can have himself not judged by what only just runs."""
    found = verdict(Story(), CALLS_PROCESS, code=RIGHT + "x = " + "lambda: " * 5000 + "0\n")
    assert found.status is Status.FAILED
    assert happened(found) == "Something in student.py is nested thousands of levels deep."


def test_a_module_that_the_same_python_cannot_read() -> None:
    """Nothing of it was run: the rest is judged."""
    trace = replace(Story().trace(), python=".".join(map(str, sys.version_info[:3])))
    handed_in = submission(f"import broken\n{RIGHT}", broken="x = =")
    (run,) = judged_runs(exercise({"id": "calls", **CALLS_PROCESS}), [trace], handed_in)
    assert run.verdicts["calls"].status is Status.PASSED


def test_modules_beside_the_script_are_read_too() -> None:
    """A class in another file of the submission counts."""
    code = Code(submission("from workers import Worker\nWorker().start()", workers=WORKER))
    assert [each.name for each in code.process_classes] == ["Worker"]
    assert [each.place.file for each in code.constructions] == ["student.py"]


def test_warnings_are_kept_quiet() -> None:
    """A doubtful escape in the student's text is nobody's error."""
    assert Code(submission("print('\\d')\n")).unreadable == ()
