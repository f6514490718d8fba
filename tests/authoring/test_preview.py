"""`grade preview`: the page of an exercise, made again from what was saved."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from grader.authoring.preview import Preview
from grader.authoring.starting import start_exercise
from grader.authoring.testing import GradedSample, SampledExercise
from grader.checks import Status
from grader.classroom.batch import watching
from grader.classroom.batch.job import Graded
from grader.classroom.model import CheckResult
from grader.cli import run
from grader.cli.arguments import read_script
from grader.exit_status import UserError
from grader.messages import say

REPORT = zlib.compress("<p>The report of 样例".encode())


class Watched:
    """A draft of an exercise with its page; what was graded, time after time."""

    def __init__(self, folder: Path) -> None:
        self.file, *_ = start_exercise(str(folder / "greet"), "wait")
        self.page = folder / "page"
        self.graded: list[list[str]] = []
        self.preview = Preview(self.file, None, self.page, "en", read_script, self._grade)

    def _grade(self, exercises: Sequence[SampledExercise]) -> Iterator[GradedSample]:
        (one,) = exercises
        checks = tuple(
            CheckResult(check.id, Status.PASSED, 0.0, check.points, check.expect)
            for check in one.exercise.checks
        )
        self.graded.append([sample.name for sample in one.samples])
        for sample in one.samples:
            graded = Graded(7, 10, False, "finished", checks, None, REPORT)
            yield GradedSample(one.exercise, sample, graded, ())

    def summary(self) -> str:
        self.preview.make()
        return (self.page / "summary.html").read_text("utf-8")


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_the_page_has_task_checks_and_samples(watched: Watched) -> None:
    """Each sample with its points, what is otherwise than it must be, and its own report."""
    summary = watched.summary()
    assert '<a href="sample-solution.py.html" target="report">solution.py</a> · 7/10' in summary
    assert "waits must be failed, and is passed." in summary
    assert "Which lines does the child execute?" in summary
    assert "<code>time.sleep(1)</code>" in summary
    assert (watched.page / "sample-solution.py.html").read_text("utf-8") == "<p>The report of 样例"
    shell = watched.preview.place.read_text("utf-8")
    assert 'src="summary.html"' in shell
    assert 'name="report"' in shell


def test_only_what_changed_is_graded_again(watched: Watched) -> None:
    """A sample that was saved, or a module that it imports; all of them where the exercise was, or
    a file that it gives; none where what must come out was changed, which is compared again.
    """
    given = watched.file.with_name("given.txt")
    given.write_text("1")
    with watched.file.open("a", encoding="utf-8") as file:
        file.write("run: {files: [given.txt]}\n")
    watched.summary()
    folder = watched.file.with_suffix(".samples")
    (folder / "solution.py").write_text("print('done')\n")
    watched.summary()
    (folder / "samples.yaml").write_text("samples: {right/subclass.py: {score: 3}}\n")
    assert "It must score 3, and scores 0." in watched.summary()
    watched.file.write_text(watched.file.read_text("utf-8") + "\n", "utf-8")
    watched.summary()
    given.write_text("2")
    watched.summary()
    first, second, third, fourth = watched.graded
    assert len(first) == len(third) == len(fourth) == 8
    assert second == ["solution.py"]


def test_each_sample_has_a_report_of_its_own(watched: Watched) -> None:
    """Whatever its name is; that of a sample which is gone goes, too."""
    folder = watched.file.with_suffix(".samples")
    for name in ("right/x.py", "right-x.py", "right%2Fx.py", "a#b.py", f"{'等' * 40}.py"):
        (folder / name).write_text(f"# {name}\n")
    assert 'href="sample-right%252Fx.py.html"' in watched.summary()
    names = {path.name for path in watched.page.glob("sample-*.html")}
    assert len(names) == 13
    assert {
        "sample-right%2Fx.py.html",
        "sample-right-x.py.html",
        "sample-right%252Fx.py.html",
        "sample-a#b.py.html",
    } < names
    (folder / "right-x.py").unlink()
    watched.summary()
    assert {path.name for path in watched.page.glob("sample-*.html")} == names - {
        "sample-right-x.py.html"
    }


def test_what_is_wrong_is_shown_until_it_is_mended(watched: Watched) -> None:
    """Errors and warnings of the exercise, and errors of its samples; nothing is lost by them."""
    good = watched.file.read_text("utf-8")
    watched.summary()
    watched.file.write_text(good.replace("clean: true", "clear: true"), "utf-8")
    assert "unknown key &#39;clear&#39; in a check" in watched.summary()
    watched.file.write_text(good.replace("cast:", "cast:\n  spare: {children-of: main}"), "utf-8")
    assert "no check speaks of &#39;spare&#39;" in watched.summary()
    watched.file.write_text(good, "utf-8")
    (watched.file.with_suffix(".samples") / "samples.yaml").write_text("samples: {gone.py: {}}\n")
    assert "there is no file &#39;gone.py&#39;" in watched.summary()


def test_the_command_goes_on_until_control_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says each time what came out, also where the page could not be made."""
    made = iter([(), UserError(say("No ptrace.")), OSError(13, "Permission denied", "a.py")])

    def make(self: Preview) -> tuple[GradedSample, ...]:
        outcome = next(made)
        if isinstance(outcome, Exception):
            raise outcome
        return ()

    def changes(*arguments: object) -> Iterator[None]:
        yield from (None, None, None)
        raise KeyboardInterrupt

    monkeypatch.setattr(Preview, "make", make)
    monkeypatch.setattr(watching, "changes", changes)
    file, *_ = start_exercise(str(tmp_path / "greet"), "wait")
    page = tmp_path / "page"
    assert run(["preview", str(file), "--lang", "en", "--report", str(page)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{page}/index.html: 0 samples, 0 not as they must be. Control-C ends it.",
        "No ptrace.",
        "a.py cannot be read or written: Permission denied.",
    ]


def test_one_exercise_is_previewed(capsys: pytest.CaptureFixture[str]) -> None:
    """None, or several, are refused."""
    for named in ([], ["a.yaml", "b.yaml"]):
        assert run(["preview", *named, "--lang", "en"]) == 2
        assert "Name one exercise: grade preview EXERCISE" in capsys.readouterr().err


def test_the_help_says_where_the_page_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """Of `grade preview` that is a folder of its own."""
    assert run(["preview", "--help", "--lang", "en"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "-o, --report FOLDER The folder of the page. Else: reports/preview/EXERCISE/" in words
