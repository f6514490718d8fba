"""A page of an exercise and its samples, made again whenever one of them is saved.

``index.html`` has two frames: ``summary.html``, which is loaded again all the time, and the report
of the sample that was chosen there, with its timeline, which stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup, escape

from grader.authoring.lint import lint
from grader.authoring.samples import misses
from grader.authoring.testing import GradedSample, SampledExercise, with_samples
from grader.checks import Status
from grader.classroom.batch.fingerprint import of_exercise
from grader.exercise import Check, Exercise, ExerciseError
from grader.messages import Language, Text, say
from grader.report import render_page, report_style
from grader.report.escaping import visible, with_code
from grader.report.page import rendered_markdown
from grader.report.words import SIGNS
from grader.saving import write_whole
from grader.submission import Submission

_TEMPLATES = Path(__file__).parent / "templates"
_SHELL = """<!DOCTYPE html>
<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title>
<style>body {{ margin: 0; display: flex; height: 100vh }} iframe {{ border: 0; flex: 3 }}
iframe + iframe {{ border-left: 1px solid gray; flex: 4 }}</style>
<iframe src="summary.html" title="{title}"></iframe><iframe name="report" title="{report}"></iframe>
"""

Grading = Callable[[Sequence[SampledExercise]], Iterable[GradedSample]]
"""Grades the samples of exercises."""


class Preview:
    """The page of an exercise, which remembers what it has graded.

    Args:
        file: of the exercise.
        samples: the folder of all samples; None: they are beside the exercise.
        folder: where the page is written.
        language: of the page.
        read: reads a script, or says in a `UserError` why it cannot be read.
        grading: grades samples.
    """

    def __init__(
        self,
        file: Path,
        samples: Path | None,
        folder: Path,
        language: Language,
        read: Callable[[Path], Submission],
        grading: Grading,
    ) -> None:
        self._file, self._samples, self._folder = file, samples, folder
        self._language: Language = language
        self._read, self._grading = read, grading
        self._known: dict[object, GradedSample] = {}

    @property
    def place(self) -> Path:
        """The file to be opened."""
        return self._folder / "index.html"

    def make(self) -> tuple[GradedSample, ...]:
        """Grade what is new or was changed, and write the page. Returns all samples in order.

        Raises:
            UserError: nothing can be run on this machine, or a script cannot be read.
            OSError: the page cannot be written, or a script was just now deleted.
        """
        found = lint(self._file)
        problems = [str(each) for each in (*found.errors, *found.warnings)]
        exercise: Exercise | None = None
        tested: tuple[GradedSample, ...] = ()
        try:
            (sampled,) = with_samples([self._file], self._samples)
            exercise, tested = sampled.exercise, self._tested(sampled)
        except ExerciseError as error:
            problems += [each for each in map(str, error.problems) if each not in problems]
        page = _Summary(self._file, exercise, tested, problems, self._language)
        reports = {
            self._folder / _report_name(each.sample.name): zlib.decompress(each.graded.report)
            for each in tested
            if each.graded is not None
        }
        for path, report in reports.items():
            write_whole(path, report)
        if exercise is not None:
            for path in {*self._folder.glob("sample-*.html")} - reports.keys():
                path.unlink(missing_ok=True)
        summary = render_page(_TEMPLATES / "summary.html", page, self._language, report_style())
        write_whole(self._folder / "summary.html", summary)
        frame = say("The report of a sample").in_language(self._language)
        write_whole(self.place, _SHELL.format(title=escape(page.file), report=frame))
        return tested

    def _tested(self, sampled: SampledExercise) -> tuple[GradedSample, ...]:
        exercise = sampled.exercise
        given = of_exercise(self._file, exercise)
        keys = {
            sample.name: (given, sample.name, self._read(sample.path).sha256)
            for sample in sampled.samples
        }
        new = [each for each in sampled.samples if keys[each.name] not in self._known]
        if new:
            for each in self._grading([SampledExercise(exercise, sampled.folder, tuple(new))]):
                self._known[keys[each.sample.name]] = each
        self._known = {each: self._known[each] for each in keys.values()}
        tested: list[GradedSample] = []
        for sample in sampled.samples:
            known = self._known[keys[sample.name]]
            missed = known.misses  # what must come out may have changed since it was graded
            if known.graded is not None:
                missed = tuple(misses(sample.wanted, known.graded.checks))
            tested.append(GradedSample(exercise, sample, known.graded, missed))
        return tuple(tested)


class _Summary:
    """What the template asks for."""

    def __init__(
        self,
        file: Path,
        exercise: Exercise | None,
        tested: Sequence[GradedSample],
        problems: Sequence[str],
        language: Language,
    ) -> None:
        self.exercise, self.tested, self.problems = exercise, tested, problems
        self.file = file.name
        self._language: Language = language

    def text(self, text: Text) -> Markup:
        """A text in the language of the page."""
        return with_code(visible(text.in_language(self._language)))

    @property
    def title(self) -> Markup:
        """The exercise's, or what its file is called."""
        return escape(self.file) if self.exercise is None else self.text(self.exercise.title)

    @property
    def task(self) -> Markup:
        """As the student reads it."""
        assert self.exercise is not None
        return rendered_markdown(visible(self.exercise.task.in_language(self._language)))

    @property
    def points(self) -> Markup:
        """What the exercise is worth."""
        assert self.exercise is not None
        possible = sum(check.points for check in self.exercise.checks)
        return self.text(say("{points} points", points=f"{possible:g}"))

    def worth(self, check: Check) -> str:
        """The points of a check."""
        return f"{check.points:g}" if check.points else say("advice").in_language(self._language)

    def icon(self, each: GradedSample) -> str:
        """Whether a sample comes out as it must."""
        return SIGNS[Status.FAILED if each.misses else Status.PASSED].icon

    def score(self, each: GradedSample) -> str:
        """Its points."""
        assert each.graded is not None
        score = "–" if each.graded.score is None else f"{each.graded.score:g}"
        return f"{score}/{each.graded.possible:g}"

    def link(self, each: GradedSample) -> str:
        """The report of a sample, from the folder of the page."""
        return quote(_report_name(each.sample.name))


def _report_name(sample: str) -> str:
    """What the report of a sample is called: another name for each sample, in one folder.

    Only what must be is encoded: a file name has 255 bytes, and an encoded Chinese character 9.
    """
    return f"sample-{sample.replace('%', '%25').replace('/', '%2F')}.html"
