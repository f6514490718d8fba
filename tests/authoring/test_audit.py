"""`grade audit`: mutants of a solution, and what the checks of its exercise make of them."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from grader.authoring import mutation
from grader.authoring.audit import Audit, audit, audit_page, remarks, summary
from grader.authoring.mutation import OPERATORS, Mutant, mutants
from grader.authoring.mutation.code import Code
from grader.authoring.testing import GradedSample, SampledExercise, compared
from grader.checks import Status
from grader.classroom.batch.job import Crashed, Graded, Job, JobResult, carry_out
from grader.classroom.model import CheckResult
from grader.cli import run
from grader.exercise import find_exercise
from grader.exit_status import UserError
from grader.options import Options
from grader.submission import Submission, read_submission

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "submissions"
EVERYTHING = Path(__file__).with_name("everything.txt").read_bytes()
"""A script in which every mistake can be made."""
EXERCISE = """\
id: greet
title: Greet
task: Main prints `hello` and ends well.
run: {schedules: {count: 1}}
checks:
  - {id: hello, points: 2, expect: It says hello, prints: {text: hello, by: main, only: true}}
  - {id: clean, expect: It ends well, clean: true}
  - {id: never-fails, expect: It begins, count: {who: main, is: 1}}
"""
SOLUTION = "print('hello')\nprint('and bye')\n"


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=list(OPERATORS))
def test_every_mistake_makes_another_program(operator: mutation.Operator) -> None:
    """A program that can be read, and is not the one that it was made of."""
    code = Code(EVERYTHING)
    made = [module.code for _, module in operator.edits(code)]
    assert made
    for each in made:
        assert ast.dump(ast.parse(each)) != ast.dump(ast.parse(EVERYTHING))


@pytest.mark.parametrize(
    ("name", "line", "changed"),
    [
        ("join-dropped", "p.join()", "pass"),
        ("join-not-called", "p.join()", "p.join"),
        ("join-with-short-timeout", "p.join()", "p.join(0.1)"),
        ("start-as-run", "p.start()", "p.run()"),
        ("target-called", "Process(target=f, args=(1, 2))", "Process(target=f(*(1, 2)))"),
        ("args-without-comma", "Process(target=f, args=(1,))", "Process(target=f, args=(1))"),
        ("args-swapped", "Process(target=f, args=(1, 2))", "Process(target=f, args=(2, 1))"),
        ("daemon-dropped", "Process(target=f, daemon=True)", "Process(target=f)"),
        ("lock-dropped", "with lock:\n    work()", "work()"),
        ("lock-late", "with lock:\n    a()\n    b()", "a()\nwith lock:\n    b()"),
        ("lock-short", "with lock:\n    a()\n    b()", "with lock:\n    a()\nb()"),
        ("sentinel-twice", "things.put(None)", "things.put(None)\nthings.put(None)"),
        ("get-without-waiting", "things.get()", "things.get_nowait()"),
        ("one-fewer", "range(1, 5)", "range(1, 4)"),
        ("item-dropped", "for x in (1, 2): work(x)", "for x in [1]: work(x)"),
        ("value-as-constant", 'f"hello {name}"', 'f"hello x"'),
        ("text-case", "print('hello')", "print('Hello')"),
        ("pid-of-another", "os.getpid()", "os.getppid()"),
        ("loop-once", "while x:\n    work()", "for _ in range(1):\n    work()"),
        ("submit-called", "pool.submit(f, 1)", "pool.submit(f(1))"),
    ],
)
def test_what_a_mistake_looks_like(name: str, line: str, changed: str) -> None:
    """The one place is changed, and nothing else."""
    made = [module.code.strip() for _, module in OPERATORS[name].edits(Code(line))]
    assert made == [changed]


def test_equal_mutants_are_one() -> None:
    """Two mistakes that make the same program, or none, are made once, or not at all."""
    both = "print('a')\nprint('b')\n"
    swapped = [
        each.name for each in mutants(both.encode()) if each.content == b"print('b')\nprint('a')\n"
    ]
    assert swapped == ["print-early:2"]
    assert not [
        each for each in mutants(b"p.start()\np.join()\n") if each.operator == "join-at-once"
    ]


def test_mutants_of_one_line_have_names_of_their_own() -> None:
    """They are what a mark is given to."""
    names = [each.name for each in mutants(b"print(f'{a} {b}')\n")]
    assert [each for each in names if "constant" in each] == [
        "value-as-constant:1",
        "value-as-constant:1.2",
    ]


def test_the_list_of_mistakes_is_up_to_date() -> None:
    """``python docs/mutants.py`` writes what stands there."""
    spec = importlib.util.spec_from_file_location("mutants_page", ROOT / "docs/mutants.py")
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.DOCUMENT.read_text("utf-8") == page.document()
    assert len(OPERATORS) >= 40


@pytest.fixture
def exercise(tmp_path: Path) -> Path:
    """An exercise with a solution."""
    (tmp_path / "greet.samples").mkdir()
    (tmp_path / "greet.yaml").write_text(EXERCISE, "utf-8")
    (tmp_path / "greet.samples" / "solution.py").write_text(SOLUTION, "utf-8")
    return tmp_path / "greet.yaml"


def mark(exercise: Path, **marks: str) -> None:
    rows = "".join(f"  {name!r}: {why}\n" for name, why in marks.items())
    (exercise.parent / "greet.samples" / "samples.yaml").write_text(f"equivalent:\n{rows}", "utf-8")


class Judge:
    """Grades without running anything: ``hello`` fails where no line prints it, and so does
    ``clean``, in other orders than the natural one, where line 2 comes first.
    """

    def __init__(self) -> None:
        self.graded: list[tuple[str, bool]] = []

    def __call__(
        self,
        exercises: Sequence[SampledExercise],
        read: Callable[[Path], Submission],
        natural: bool,
    ) -> Iterator[GradedSample]:
        for each in exercises:
            for sample in each.samples:
                self.graded.append((sample.name, natural))
                text = read(sample.path).script.text()
                yield compared(each.exercise, sample, self._judged(each, text, natural))

    def _judged(self, each: SampledExercise, text: str, natural: bool) -> JobResult:
        if "exit" in text.lower():
            return Crashed("Oh no")
        found = {
            "hello": Status.PASSED if "print('hello')" in text else Status.FAILED,
            "clean": Status.LUCKY if text[7:10] == "and" and not natural else Status.PASSED,
            "never-fails": Status.PASSED,
        }
        checks = tuple(
            CheckResult(check.id, found[check.id], 0, check.points, check.expect)
            for check in each.exercise.checks
        )
        return Graded(0, 4, False, "finished", checks, None, b"")


def audited(exercise: Path, judge: Judge | None = None) -> Audit:
    (found,) = audit([exercise], None, None, read_submission, judge or Judge())
    return found


def named(those: Sequence[object]) -> list[str]:
    return [each.mutant.name for each in those]  # type: ignore[attr-defined]


def test_a_mutant_is_killed_by_the_checks_that_report_it(exercise: Path) -> None:
    """In the natural order or in another; what no check reports survives."""
    found = audited(exercise)
    killers = {each.mutant.name: [check.id for check in each.killers] for each in found.audited}
    assert killers["text-case:1"] == ["hello"]
    assert killers["print-early:2"] == ["clean"]
    assert "text-case:2" in named(found.survivors)
    assert found.marked == ()


def test_what_fails_in_the_natural_order_needs_no_other(exercise: Path) -> None:
    """Nor does what is marked; the solution itself is graded first, in the natural order."""
    mark(exercise, **{"text-*:2": "Its words are free"})
    judge = Judge()
    found = audited(exercise, judge)
    again = [name for name, natural in judge.graded if not natural]
    assert ("solution.py", True) in judge.graded
    assert "print-early:2" in again
    assert not {"text-case:1", "text-case:2", "solution.py"} & set(again)
    assert {"text-case:2", "text-misspelt:2"} <= set(named(found.marked))
    assert {each.reason for each in found.marked} == {"Its words are free"}


def test_a_mutant_that_could_not_be_graded_is_not_killed(exercise: Path) -> None:
    """What the grader said is shown instead."""
    found = audited(exercise)
    failed = [each for each in found.survivors if each.failure is not None]
    assert named(failed) == ["main-fails:2"]


def test_what_is_said_of_the_checks(exercise: Path) -> None:
    """Those that kill nothing, and marks that are out of date."""
    mark(exercise, **{"text-case:2": "Free", "text-case:1": "It is killed", "gone:9": "Gone"})
    found = audited(exercise)
    assert found.idle == ("never-fails",)
    assert found.stale == ("text-case:1", "gone:9")
    said = [each.in_language("en") for each in remarks(found)]
    assert said[0] == "never-fails kills no mutant."
    assert said[-1] == "No surviving mutant is called gone:9: leave out its mark."


def test_checks_that_always_fail_together_are_told(exercise: Path) -> None:
    """One of them says nothing new."""
    exercise.write_text(EXERCISE.replace("never-fails", "clean-too"), "utf-8")

    class Alike(Judge):
        def _judged(self, each: SampledExercise, text: str, natural: bool) -> JobResult:
            status = Status.PASSED if "hello" in text else Status.FAILED
            checks = tuple(
                CheckResult(check.id, status, 0, check.points, check.expect)
                for check in each.exercise.checks
            )
            return Graded(0, 4, False, "finished", checks, None, b"")

    assert audited(exercise, Alike()).together == (("hello", "clean", "clean-too"),)


def test_a_solution_that_is_wrong_is_told(exercise: Path) -> None:
    """There is no sense in mutants of it."""
    solution = exercise.parent / "greet.samples" / "solution.py"
    solution.write_text("print('hi')\n", "utf-8")
    with pytest.raises(UserError) as caught:
        audited(exercise)
    said = caught.value.problem.in_language("en")
    assert said == f"{solution} does not get all points itself: hello is failed."
    solution.write_text("print('hi'\n", "utf-8")
    with pytest.raises(UserError) as caught:
        audited(exercise)
    assert caught.value.problem.in_language("en") == f"{solution} is not Python."


def test_the_page_has_every_mutant_with_its_change(exercise: Path) -> None:
    """What kills it, or why it is marked, in the language of the page."""
    mark(exercise, **{"text-*:2": "Its <words> are free"})
    page = audit_page([audited(exercise)], "zh")
    assert "没有被发现的" in page
    assert "Its &lt;words&gt; are free" in page
    assert "-print(&#39;hello&#39;)\n+print(&#39;Hello&#39;)" in page
    assert "<b>text-case:1</b>" in page


def test_a_mark_needs_a_reason(exercise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file says where it lacks one."""
    (exercise.parent / "greet.samples" / "samples.yaml").write_text("equivalent: [text-case:2]\n")
    assert run(["audit", str(exercise), "--lang", "en"]) == 2
    assert "samples.yaml:1:13:" in capsys.readouterr().err


def test_the_command_prints_what_kills_each(
    exercise: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its words; of a survivor, the change. The page is written, too."""
    mark(exercise, **{"text-*:2": "Free", "print-*": "Free"})
    page = exercise.with_name("page.html")
    arguments = ["audit", str(exercise), "--html", str(page), "--jobs", "1", "--lang", "en"]
    assert run(arguments) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"^  ✔ text-case:1 +✘ hello\n      Main printed “Hello”; the task asks for “hello”.$",
        out,
        re.M,
    )
    assert re.search(r"^  ✔ main-fails:2 +✘ clean\n      Main ended by itself", out, re.M)
    assert re.search(r"^  ✔ text-case:2 +Free$", out, re.M)
    assert out.endswith("marked as equivalent, 0 not caught.\n")
    assert page.read_text("utf-8").count("<b>text-case:1</b>") == 1


def in_this_process(
    exercises: Sequence[SampledExercise], read: Callable[[Path], Submission], natural: bool
) -> Iterator[GradedSample]:
    options = Options(schedules=1 if natural else None, witness="kernel")
    for each in exercises:
        for sample in each.samples:
            job = Job(sample.name, each.exercise, read(sample.path), options, "en")
            yield compared(each.exercise, sample, carry_out(job))


def audited_exercise(name: str, only: Callable[[Mutant], bool]) -> Audit:
    (found,) = audit(
        [find_exercise(name)], SAMPLES, ROOT / "solutions", read_submission, in_this_process, only
    )
    return found


def test_a_lock_is_missed_by_the_check_that_asks_for_it() -> None:
    """The mutants of a shipped exercise are really run."""
    wanted = ("lock-dropped", "one-for-each", "lock-admits-two")
    found = audited_exercise("lock", lambda mutant: mutant.operator in wanted)
    killers = {each.mutant.operator: [one.id for one in each.killers] for each in found.audited}
    assert killers == {each: ["one-at-a-time"] for each in wanted}


AUDITED = ("join", "lock", "name-pid", "pids", "process-args", "start")
"""Exercises of which every survivor was looked at: marked, or mended."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", AUDITED)
def test_shipped_exercises_catch_every_mistake(name: str) -> None:
    """Every mutant of the solution is killed, or marked with the reason why it is right, too."""
    found = audited_exercise(name, lambda mutant: True)
    assert named(found.survivors) == []
    assert found.stale == ()
    assert summary([found]).in_language("en").endswith(" 0 not caught.")
