"""A class is graded: what is said, written, kept and answered."""

from __future__ import annotations

import csv
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from grader.classroom.batch import grading as grading_module
from grader.classroom.batch import session as session_module
from grader.classroom.batch.config import BatchConfig, Writer
from grader.classroom.batch.job import Crashed, Job, JobResult, NotRun, carry_out, in_all_languages
from grader.classroom.batch.reports import as_handed_back
from grader.classroom.batch.session import grade_batch
from grader.classroom.batch.summary import Summary
from grader.classroom.model import NOT_GRADED, ClassResults
from grader.cli import run
from grader.exit_status import ExitStatus
from grader.grading import Options
from grader.messages import say
from grader.options import WitnessWish
from tests.classroom.class_folder import write, zipped

EXERCISE = """
id: {id}
title: Anything
task: Anything that ends well.
run: {{schedules: {{count: 1}}}}
checks:
  - {{id: clean, points: {points}, expect: The program ends without an error, clean: true}}
  - {{id: hello, points: 1, expect: It says hello, prints: {{text: hello, by: main}}}}
"""
RIGHT, WRONG = "print('hello')\n", "print('hello')\n1 / 0\n"


class PoolHere:
    """Does the work itself, and remembers whose it was."""

    graded: ClassVar[list[str]]
    broken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    stops_after: int | None = None

    def __init__(self, jobs: int, *, pinned: bool = True, scratch: str | None = None) -> None:
        pass

    def __enter__(self) -> PoolHere:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
        for job in jobs:
            if len(self.graded) == self.stops_after:
                raise KeyboardInterrupt
            name = str(job.submission.path)
            self.graded.append(name)
            yield None
            if name in self.broken:
                yield job, Crashed("Traceback\nMemoryError: no more")
            elif name in self.refused:
                yield job, NotRun(in_all_languages(say("There is no Python.")))
            else:
                yield job, carry_out(job)


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> type[PoolHere]:
    """A pool without processes of its own."""

    class Pool(PoolHere):
        graded: ClassVar[list[str]] = []

    monkeypatch.setattr(session_module, "LocalPool", Pool)
    return Pool


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A teacher's folder: an exercise, and what three students handed in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "300")
    write(
        tmp_path,
        {
            "exercises/any.yaml": EXERCISE.format(id="any", points=2),
            "in/ada.py": RIGHT,
            "in/bo.py": WRONG,
            "in/张三.py": RIGHT,
        },
    )
    return tmp_path


SPEC = "exercises/any.yaml"
WRITTEN = ["reports/gradebook.csv", "reports/index.html"]


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What is said, without the files that are written every time."""
    captured = capsys.readouterr()
    assert captured.err == ""
    lines = [line.rstrip() for line in captured.out.splitlines()]
    return [line for line in lines if line not in WRITTEN]


def results(folder: Path, *writers: Writer, spec: str = SPEC) -> ClassResults:
    """What a grading in that folder comes to."""
    collected: list[ClassResults] = []

    def collect(results: ClassResults, batch: BatchConfig) -> list[Path]:
        collected.append(results)
        return []

    grade_batch(
        BatchConfig(Path(spec), (folder / "in",), Options(), "en", amount="quiet"),
        [collect, *writers],
    )
    (only,) = collected
    return only


def scores(of: ClassResults) -> dict[str, tuple[float | None, bool | None]]:
    return {one.student.name: (one.mark, one.passed) for one in of.results}


def test_a_class(crew: type[PoolHere], capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0: all were graded, also those that did not pass. A report each."""
    assert run([SPEC, "in"]) == ExitStatus.PASSED
    assert told(capsys) == ["3 submissions: 2 passed, 1 did not, 0 not judged."]
    reports = sorted(str(path) for path in Path("reports").rglob("*.*"))
    of_students = ["reports/any/ada.html", "reports/any/bo.html", "reports/any/张三.html"]
    assert reports == [*of_students, *WRITTEN]
    assert "ZeroDivisionError" in Path("reports/any/bo.html").read_text("utf-8")
    bo, last = (Path(f"reports/any/{name}.html").read_text("utf-8") for name in ("bo", "张三"))
    head = '<strong><bdi>{}</bdi></strong> · <a href="../index.html">the whole class</a>{}</nav>'
    following = ' · <a href="%E5%BC%A0%E4%B8%89.html">next: 张三</a>'
    assert head.format("bo", following) in bo
    assert head.format("张三", "") in last
    handed_back = as_handed_back(Path("reports/any/bo.html").read_bytes()).decode()
    assert "张三" not in handed_back
    assert handed_back == bo.replace(f'<nav class="of-class">{head.format("bo", following)}\n', "")


def test_every_mark(crew: type[PoolHere], capsys: pytest.CaptureFixture[str]) -> None:
    """With -v everybody's mark is said; with -q only what was written."""
    run([SPEC, "in", "-v"])
    assert told(capsys)[:3] == ["ada · any: 3/3", "bo · any: 1/3", "张三 · any: 3/3"]
    run([SPEC, "in", "-q"])
    assert told(capsys) == []


def test_strict(crew: type[PoolHere]) -> None:
    """With --strict the status is 1 if anybody did not pass."""
    assert run([SPEC, "in", "--strict"]) == ExitStatus.NOT_PASSED
    Path("in/bo.py").unlink()
    assert run([SPEC, "in", "--strict"]) == ExitStatus.PASSED


def test_reports_elsewhere(crew: type[PoolHere], folder: Path) -> None:
    """With -o everything that is written goes there; beside the submissions only results are."""
    assert run([SPEC, "in", "-o", "in/out"]) == ExitStatus.PASSED
    assert not Path("reports").exists()
    assert Path("in/out/any/ada.html").is_file()
    assert run([SPEC, "in", "-o", "in/out"]) == ExitStatus.PASSED
    assert len(crew.graded) == 3


def test_nothing_is_done_twice(crew: type[PoolHere], folder: Path) -> None:
    """A second grading of the same does nothing; one of what has changed only that."""
    first = results(folder)
    assert crew.graded == ["ada.py", "bo.py", "张三.py"]
    assert results(folder) == first
    assert len(crew.graded) == 3
    write(folder / "in", {"bo.py": RIGHT, "cy.py": RIGHT})
    assert scores(results(folder)) == dict.fromkeys(("ada", "bo", "cy", "张三"), (3.0, True))
    assert crew.graded[3:] == ["bo.py", "cy.py"]


def test_a_module_beside_a_script_that_changes(crew: type[PoolHere], folder: Path) -> None:
    """Who imports it is graded again, though the script and the module's size and time are as they
    were; and nobody else is.
    """
    write(folder / "in", {"dan/any.py": f"import shared\n{RIGHT}", "dan/shared.py": "x = 1\n"})
    results(folder)
    before = len(crew.graded)
    module = folder / "in/dan/shared.py"
    status = module.stat()
    module.write_text("x = 2\n")
    os.utime(module, ns=(status.st_atime_ns, status.st_mtime_ns))
    results(folder)
    assert crew.graded[before:] == ["dan/any.py"]


def test_stopped_in_the_middle(
    crew: type[PoolHere], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever Control-C interrupts, it is said how many results are kept."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(grading_module.ReportFiles, "write", interrupted)
        assert run([SPEC, "in"]) == ExitStatus.INTERRUPTED
    assert told(capsys) == [
        "Stopped. 1 of 3 are graded and kept: the same command goes on from there."
    ]
    with monkeypatch.context() as patched:
        patched.setattr(Summary, "tell", interrupted)
        assert run([SPEC, "in"]) == ExitStatus.INTERRUPTED
    assert told(capsys) == [
        "Stopped. 3 of 3 are graded and kept: the same command goes on from there."
    ]


def test_fresh(crew: type[PoolHere]) -> None:
    """With --fresh everything is done again."""
    assert run([SPEC, "in"]) == run([SPEC, "in", "--fresh"]) == ExitStatus.PASSED
    assert len(crew.graded) == 6


@pytest.mark.parametrize("option", [["--schedules", "2"], ["--seed", "7"], ["--lang", "zh"]])
def test_another_way_to_grade(option: list[str], crew: type[PoolHere]) -> None:
    """Results of another way to run, and reports in another language, are not these."""
    run([SPEC, "in"])
    run([SPEC, "in", *option])
    assert len(crew.graded) == 6
    run([SPEC, "in", *option])
    assert len(crew.graded) == 6


def test_a_report_that_is_gone(crew: type[PoolHere]) -> None:
    """A report that somebody deleted is written again, without grading again."""
    run([SPEC, "in"])
    page = Path("reports/any/bo.html").read_bytes()
    Path("reports/any/bo.html").unlink()
    run([SPEC, "in"])
    assert Path("reports/any/bo.html").read_bytes() == page
    assert len(crew.graded) == 3


def test_the_exercise_was_changed(crew: type[PoolHere], capsys: pytest.CaptureFixture[str]) -> None:
    """Whose mark is another than before is listed, old and new, once; of the others nobody."""
    run([SPEC, "in"])
    told(capsys)
    Path(SPEC).write_text(EXERCISE.format(id="any", points=5))
    run([SPEC, "in"])
    assert told(capsys)[:3] == [
        "2 marks are others than the last time:",
        "  ada · any: 3 → 6 (the exercise was changed)",
        "  张三 · any: 3 → 6 (the exercise was changed)",
    ]
    run([SPEC, "in"])
    assert told(capsys) == ["3 submissions: 2 passed, 1 did not, 0 not judged."]


def test_changes_survive_an_interruption(
    crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """A grading that was stopped has told nobody: the next one lists all changes."""
    run([SPEC, "in"])
    Path(SPEC).write_text(EXERCISE.format(id="any", points=5))
    crew.stops_after = 5
    assert run([SPEC, "in"]) == 130
    assert told(capsys)[-1] == (
        "Stopped. 2 of 3 are graded and kept: the same command goes on from there."
    )
    crew.stops_after = None
    run([SPEC, "in"])
    assert crew.graded[3:] == ["ada.py", "bo.py", "张三.py"]
    assert told(capsys)[0] == "2 marks are others than the last time:"


def test_another_program(crew: type[PoolHere], capsys: pytest.CaptureFixture[str]) -> None:
    """Why a mark changed is told."""
    run([SPEC, "in"])
    told(capsys)
    Path("in/bo.py").write_text(RIGHT)
    run([SPEC, "in"])
    assert told(capsys)[:2] == [
        "1 mark has changed since the last time:",
        "  bo · any: 1 → 3 (another program was handed in)",
    ]


def test_the_teachers_word(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mark that was given by hand stands, in results and report, whatever is graded; without
    its line the grader's stands again.
    """
    page = Path("reports/any/bo.html")
    run([SPEC, "in"])
    before = page.read_text("utf-8")
    write(
        folder / "in",
        {"overrides.csv": "student,exercise,score,reason\nbo,any,2.5,Spoke <to> me\n"},
    )
    told(capsys)
    run([SPEC, "in"])
    assert told(capsys)[1] == "  bo · any: 1 → 2.5 (by the teacher's hand)"
    note = (
        '<p class="note">Your teacher set the mark to 2.5 points by hand. Spoke &lt;to&gt; me</p>\n'
    )
    assert page.read_text("utf-8") == before.replace("</header>", f"{note}</header>", 1)
    assert len(crew.graded) == 3
    run([SPEC, "in", "--fresh"])
    assert note in page.read_text("utf-8")
    of_bo = results(folder).results[1]
    assert (of_bo.score, of_bo.mark, of_bo.passed) == (1.0, 2.5, False)
    (folder / "in" / "overrides.csv").unlink()
    told(capsys)
    run([SPEC, "in"])
    assert told(capsys)[1] == "  bo · any: 2.5 → 1 (by the teacher's hand)"
    assert note not in page.read_text("utf-8")


def test_a_wrong_override(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong line stops everything before it begins: no mark is lost silently."""
    write(folder / "in", {"overrides.csv": "student,exercise,score,reason\nbo,any,good,\n"})
    assert run([SPEC, "in"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err.startswith(f"{folder}/in/overrides.csv:2:1: 'good' is no score")


def test_what_could_not_be_judged(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3; no mark, which is not a 0; listed, and tried again by the next grading."""
    crew.broken = ("bo.py",)
    assert run([SPEC, "in"]) == ExitStatus.CANNOT_WORK
    assert told(capsys) == [
        "1 could not be judged and has no mark. Grade the class again for it:",
        "  bo · any (bo.py): The grader failed on this script, which was not judged. Grade the "
        "class again, and if it happens again, please report it: MemoryError: no more",
        "3 submissions: 2 passed, 0 did not, 1 not judged.",
    ]
    unjudged = results(folder).results[1]
    assert (unjudged.score, unjudged.possible, unjudged.outcome) == (None, 3.0, NOT_GRADED)
    assert unjudged.report is None
    crew.broken = ()
    assert run([SPEC, "in"]) == ExitStatus.PASSED
    assert crew.graded == ["ada.py", "bo.py", "张三.py", "bo.py", "bo.py"]


CLOSES = """\
id: closes
title: Closes
task: Print hello, and keep no connection open.
run: {schedules: {count: 1}}
checks:
  - {id: hello, points: 3, expect: It says hello, prints: {text: hello, by: main}}
  - {id: closes, points: 2, expect: It keeps nothing open, keeps-open: {who: main, at-most: 0}}
"""


def test_what_the_scripts_word_cannot_show(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """The mark is of what it can show, it is said of how much, and nobody is told to grade it
    again, which would not help.
    """
    write(folder, {"exercises/closes.yaml": CLOSES, "one/ada.py": RIGHT})
    call = ["exercises/closes.yaml", "one", "--witness", "script"]
    assert run(call) == ExitStatus.PASSED
    in_part = "1 check, worth 2, could not be judged on the script's own word."
    said = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in said if line not in WRITTEN] == [
        "1 was judged in part, and its mark is of that part:",
        f"  closes (1): {in_part}",
        "These marks rest on the scripts' own word (--witness script), not on the kernel's.",
        "1 submission: 0 passed, 0 did not, 1 right as far as judged, 0 not judged.",
    ]
    with (folder / "reports" / "gradebook.csv").open(encoding="utf-8-sig") as file:
        (ada,) = csv.DictReader(file)
    assert (ada["score"], ada["possible"], ada["passed"]) == ("3", "3", "")
    assert ada["note"] == in_part
    assert run(call) == ExitStatus.PASSED
    assert crew.graded == ["ada.py"]


def test_where_the_scripts_word_shows_nothing(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no mark, and why is said; to grade it again is not advised."""
    without = CLOSES.replace("points: 3, ", "points: 0, ")
    write(folder, {"exercises/closes.yaml": without, "one/ada.py": RIGHT})
    call = ["exercises/closes.yaml", "one", "--witness", "script"]
    assert run(call) == ExitStatus.CANNOT_WORK
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "1 has no mark: nothing of it can be judged on the script's own word:"
    assert said[1].startswith("  ada · closes (ada.py): Only the kernel can say which connections")


@pytest.mark.parametrize(("wished", "taken"), [("auto", "kernel"), ("script", "script")])
def test_whose_word_is_taken(
    wished: WitnessWish, taken: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class is graded by the kernel, or not at all, unless the script's word is asked for."""
    asked: set[str] = set()

    class Asking(PoolHere):
        def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
            for job in jobs:
                asked.add(job.options.witness)
                yield job, Crashed("Traceback\nMemoryError: no more")

    monkeypatch.setattr(session_module, "LocalPool", Asking)
    options = Options(witness=wished)
    grade_batch(BatchConfig(Path(SPEC), (folder / "in",), options, "en", amount="quiet"))
    assert asked == {taken}


def test_a_mark_by_hand_settles_it(folder: Path, crew: type[PoolHere]) -> None:
    """What the grader cannot judge the teacher can."""
    crew.broken = ("bo.py",)
    write(folder / "in", {"overrides.csv": "student,exercise,score,reason\nbo,any,2,read it\n"})
    assert run([SPEC, "in"]) == ExitStatus.PASSED


def test_a_machine_where_nothing_runs(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """When one after the other cannot be run, the reason is told once, and nobody is listed."""
    crew.refused = ("ada.py", "bo.py", "张三.py")
    assert run([SPEC, "in"]) == ExitStatus.CANNOT_WORK
    assert capsys.readouterr() == ("", "grade: There is no Python.\n")


def test_one_that_cannot_be_run(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """One that cannot be run, where others can, has no mark."""
    crew.refused = ("bo.py",)
    assert run([SPEC, "in"]) == ExitStatus.CANNOT_WORK
    assert told(capsys)[1] == "  bo · any (bo.py): There is no Python."


def test_several_that_cannot_be_run_after_one_that_can(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """Then it is not the machine: each is listed, and the others keep their marks."""
    write(folder / "in", {"aa.py": f"{RIGHT}# aa\n"})
    crew.refused = ("ada.py", "bo.py", "张三.py")
    assert run([SPEC, "in"]) == ExitStatus.CANNOT_WORK
    assert told(capsys)[1:4] == [
        "  ada · any (ada.py): There is no Python.",
        "  bo · any (bo.py): There is no Python.",
        "  张三 · any (张三.py): There is no Python.",
    ]


def test_one_program_of_two_students(folder: Path, crew: type[PoolHere]) -> None:
    """What several handed in together is graded once, and each has a report."""
    people = "".join(f"  - :name: {name}\n    :sid: {name}\n" for name in ("ada", "bo"))
    write(
        folder / "together",
        {
            "submission_metadata.yml": f"submission_1:\n  :submitters:\n{people}",
            "submission_1/any.py": RIGHT,
        },
    )
    assert run([SPEC, "together"]) == ExitStatus.PASSED
    assert crew.graded == ["submission_1/any.py"]
    assert sorted(path.name for path in Path("reports/any").iterdir()) == ["ada.html", "bo.html"]


def test_what_is_nobodys(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """What was not graded, and who has no answer, is listed."""
    write(folder, {"exercises/other.yaml": EXERCISE.format(id="other", points=1)})
    write(folder / "class", {"ada/any.py": RIGHT, "ada/other.py": RIGHT, "bo/any.py": RIGHT})
    zipped(folder / "class" / "cy.zip", {"../any.py": RIGHT, "essay.pdf": ""})
    assert run(["exercises", "class"]) == ExitStatus.PASSED
    assert told(capsys) == [
        "2 files were not graded:",
        "  cy.zip/../any.py: Its name points outside the zip file: it was not unpacked.",
        "  cy.zip/essay.pdf: cy handed in no Python script, only essay.pdf.",
        "3 answers are missing:",
        "  bo: other",
        "  cy: any, other",
        "3 submissions: 3 passed, 0 did not, 0 not judged.",
    ]


def test_modules_that_are_links(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """A student's link to somebody else's file is not read."""
    write(folder, {"secret.py": "x = 1\n", "class/ada/any.py": "import secret\n"})
    (folder / "class" / "ada" / "secret.py").symlink_to(folder / "secret.py")
    run([SPEC, "class"])
    assert (
        "  ada/any.py: It uses a module that is a link to somewhere else: links are not followed."
        in told(capsys)
    )
    assert crew.graded == []


def test_marks_that_a_student_gave_himself(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """Marks by hand in a folder that one student may have made are told, and not used."""
    write(
        folder,
        {"eve/any.py": WRONG, "eve/overrides.csv": "student,exercise,score,reason\neve,any,3,\n"},
    )
    run([SPEC, "eve", "-v"])
    assert told(capsys)[:2] == [
        "overrides.csv is not used: all that is in eve is one student's, and so may that be. Marks "
        "by hand stand in the folder of a class.",
        "eve · any: 1/3",
    ]


def test_attempts(folder: Path, crew: type[PoolHere]) -> None:
    """The latest attempt counts, and the others are kept in view."""
    write(folder / "in", {"bo_v2.py": RIGHT, "bo_v3.py": WRONG})
    of_class = results(folder)
    of_bo = of_class.results[1]
    assert (of_bo.file, of_bo.attempt, of_bo.attempts, of_bo.mark) == ("bo_v3.py", 3, 3, 1.0)
    assert [one.file for one in of_class.earlier] == ["bo_v2.py", "bo.py"]


def test_the_exercise_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The errors of exercise files come first."""
    write(folder, {"exercises/course.yaml": "exercise: []\n"})
    assert run(["exercises", "in"]) == ExitStatus.WRONG_CALL
    assert capsys.readouterr().err.startswith("exercises/course.yaml:1:1: unknown key 'exercise'")


def test_what_cannot_be_written(
    folder: Path, crew: type[PoolHere], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the reports cannot be written, that is said, and what was graded is kept."""
    Path("reports").write_text("in the way")
    assert run([SPEC, "in"]) == ExitStatus.CANNOT_WORK
    assert re.fullmatch(
        r"grade: .*reports.*cannot be written: Not a directory\. Everything that was graded is "
        r"kept: name another place \(the reports' with -o\), and grade again\.\n",
        capsys.readouterr().err,
    )
    Path("reports").unlink()
    assert run([SPEC, "in"]) == ExitStatus.PASSED
    assert crew.graded == ["ada.py", "bo.py", "张三.py"]


def test_a_file_that_changes(
    folder: Path, crew: type[PoolHere], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is read once: one that is changed meanwhile is graded as it was."""

    class Hasty(crew):  # type: ignore[misc, valid-type]
        def results(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, JobResult] | None]:
            Path("in/bo.py").write_text(RIGHT)
            yield from super().results(jobs)

    monkeypatch.setattr(session_module, "LocalPool", Hasty)
    assert scores(results(folder))["bo"] == (1.0, False)


def test_the_store_is_plain(folder: Path, crew: type[PoolHere]) -> None:
    """Results are in SQLite beside the submissions, a row each."""
    results(folder)
    connection = sqlite3.connect(folder / "in" / ".grader" / "results.sqlite")
    rows = connection.execute("SELECT exercise, student, file FROM results ORDER BY file")
    assert rows.fetchall() == [
        ("any", "ada", "ada.py"),
        ("any", "bo", "bo.py"),
        ("any", "张三", "张三.py"),
    ]
    connection.close()
