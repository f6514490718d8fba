"""Grading as tests: ``pytest exercises/ --submission FOLDER`` has an item for each check.

The student's answers are found in the folder by their names, an exercise is graded once, when its
first check is asked for, and a failure prints the finding's words. What could not be judged is
an error, never a failure; but where the script's own word can never decide it, it is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from grader.classroom.autograders.one_student import Graded
    from grader.classroom.model import CheckResult
    from grader.messages import Language, Text
    from grader.options import Options

_COURSES = ("course.yaml", "course.yml")
_SAMPLES_IN = "--exercise-samples-in"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of grading."""
    group = parser.getgroup("grader", "grading exercises in concurrent Python")
    group.addoption(
        "--submission",
        metavar="FOLDER",
        help="grade the scripts in this folder: each exercise file is a test of them",
    )
    group.addoption(
        "--submission-lang",
        choices=("en", "zh"),
        help="the language of what is said; else that of your system",
    )
    group.addoption(
        "--submission-schedules",
        type=int,
        metavar="N",
        help="try N event orders; else as the exercise says",
    )
    group.addoption(
        "--submission-isolation",
        choices=("auto", "bwrap", "basic"),
        default="auto",
        help="how a script is shut off from the machine, as grade --isolation",
    )
    group.addoption(
        "--submission-witness",
        choices=("auto", "kernel", "script"),
        default="kernel",
        help="who says what a script did, as grade --witness; what is said is a grade only where "
        "it is the kernel",
    )
    group.addoption(
        "--exercise-samples",
        action="store_true",
        help="grade the samples of each exercise file: each is a test of the exercise",
    )
    group.addoption(
        _SAMPLES_IN,
        metavar="FOLDER",
        help="the folder that has a folder of samples for each exercise, else they are beside it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """
    Raises:
        pytest.UsageError: there is no such folder, or the options cannot be had together.
    """
    wish, isolation = (
        config.getoption(f"--submission-{name}") for name in ("witness", "isolation")
    )
    if wish == "script" and isolation != "auto":
        raise pytest.UsageError(
            f"--submission-witness script and --submission-isolation {isolation} cannot be had "
            "together: nothing is shut off from a script on its own word. Leave one of them out."
        )
    if config.getoption("--submission") is not None and not _folder(config).is_dir():
        raise pytest.UsageError(f"--submission: there is no folder {_folder(config)}")


def _folder(config: pytest.Config) -> Path:
    folder: str = config.getoption("--submission")
    return config.invocation_params.dir / folder


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """An exercise file is a collector, if there is something to grade."""
    config = parent.config
    has_samples = config.getoption("--exercise-samples") or config.getoption(_SAMPLES_IN)
    if config.getoption("--submission") is None and not has_samples:
        return None
    if file_path.name in _COURSES or file_path.suffix != ".yaml":
        return None
    if not _is_meant(file_path, config):
        return None
    kind = SampledFile if has_samples else ExerciseFile
    return kind.from_parent(parent, path=file_path)


def _is_meant(path: Path, config: pytest.Config) -> bool:
    """Whether a file is an exercise, or was named as one: other YAML files lie around, too."""
    named = {(config.invocation_params.dir / each.partition("::")[0]) for each in config.args}
    if path in named:
        return True
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return all(any(line.startswith(f"{key}:") for line in lines) for key in ("id", "task"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The scores, what is to be said of an answer as a whole, and advice."""
    told = dict.fromkeys(
        (report.nodeid, line)
        for reports in terminalreporter.stats.values()
        for report in reports
        for key, line in getattr(report, "user_properties", ())
        if key == "grader"
    )
    if told:
        terminalreporter.section("grader")
        for _, line in told:
            terminalreporter.line(str(line))


def _language(config: pytest.Config) -> Language:
    """The language of what is said: that of the option, else that of the locale."""
    from grader.cli.language import language_of

    said = config.getoption("--submission-lang")
    return language_of(["--lang", said] if said else [])


def _options(config: pytest.Config) -> Options:
    from grader.options import Options

    return Options(
        schedules=config.getoption("--submission-schedules"),
        isolation=config.getoption("--submission-isolation"),
        witness=config.getoption("--submission-witness"),
    )


class SampledFile(pytest.File):
    """An exercise with samples."""

    def collect(self) -> Iterator[pytest.Item]:
        """An item a sample.

        Raises:
            pytest.Collector.CollectError: the exercise or its ``samples.yaml`` is wrong.
        """
        from grader.authoring.testing import with_samples
        from grader.exercise import ExerciseError

        folder: str | None = self.config.getoption(_SAMPLES_IN)
        place = None if folder is None else self.config.invocation_params.dir / folder
        try:
            (self.sampled,) = with_samples([self.path], place)
        except ExerciseError as error:
            raise self.CollectError(str(error)) from error
        for sample in self.sampled.samples:
            yield SampleItem.from_parent(self, name=sample.name)


class SampleItem(pytest.Item):
    """A sample of an exercise: whether it comes out as it must."""

    parent: SampledFile

    def runtest(self) -> None:
        """
        Raises:
            pytest.fail.Exception: it comes out otherwise, or could not be graded.
        """
        from grader.authoring.testing import compared
        from grader.classroom.batch.job import Job, carry_out
        from grader.exit_status import UserError
        from grader.report.escaping import visible
        from grader.submission import read_submission

        exercise, language = self.parent.sampled.exercise, _language(self.config)
        (sample,) = (each for each in self.parent.sampled.samples if each.name == self.name)
        options = _options(self.config)
        job = Job(self.name, exercise, read_submission(sample.path), options, language)
        try:
            misses = compared(exercise, sample, carry_out(job)).misses
        except UserError as error:
            misses = (error.problem,)
        if misses:
            said = "\n".join(miss.in_language(language) for miss in misses)
            pytest.fail(visible(said), pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the sample belongs and what it is called."""
        return self.path, None, f"{self.path.stem}: {self.name}"


class ExerciseFile(pytest.File):
    """An exercise. It is graded once."""

    _graded: Graded | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """An item a check.

        Raises:
            pytest.Collector.CollectError: the exercise is wrong.
        """
        from grader.classroom.course import load_course
        from grader.exercise import ExerciseError

        try:
            self.course = load_course(self.path)
        except ExerciseError as error:
            raise self.CollectError(str(error)) from error
        (only,) = self.course.exercises
        for check in only.exercise.checks:
            yield CheckItem.from_parent(self, name=check.id)

    def graded(self) -> Graded:
        """The grade, and the score in the summary of the first item that asks.

        Raises:
            OSError: a file cannot be read.
        """
        if self._graded is None:
            self._graded = self._grade()
        return self._graded

    def _grade(self) -> Graded:
        from grader.classroom.autograders.one_student import answers_of_one, course_of, grade_answer

        folder = _folder(self.config)
        files = [item.parent for item in self.session.items if isinstance(item, CheckItem)]
        course = course_of(file.course for file in dict.fromkeys([*files, self]))
        found = answers_of_one(folder, course)
        (mine,) = self.course.exercises
        return grade_answer(mine, found, _options(self.config), _language(self.config))


class CheckItem(pytest.Item):
    """A check of an exercise."""

    parent: ExerciseFile
    _check: CheckResult | None = None
    _why_none: Text | None = None

    def setup(self) -> None:
        """Grade the exercise, unless that was done.

        Raises:
            pytest.fail.Exception: the check could not be judged. Here that is an error.
            pytest.skip.Exception: it never can be on the script's own word, and the score is that
                of the others.
        """
        from grader.checks import Status
        from grader.classroom.batch.job import Crashed, Graded, NotRun, WrongExercise
        from grader.report.words import SELF_CHECK
        from grader.trace import Witness

        is_first = self.parent._graded is None
        answer, language = self.parent.graded().answer, _language(self.config)
        if isinstance(answer, NotRun):
            pytest.fail(answer.reason.in_language(language), pytrace=False)
        if isinstance(answer, Crashed):
            pytest.fail(answer.report, pytrace=False)
        if isinstance(answer, WrongExercise):
            pytest.fail(answer.problem, pytrace=False)
        if not isinstance(answer, Graded):
            self._why_none = answer
            if is_first:
                checks = self.parent.course.exercises[0].exercise.checks
                self._tell_score(0, sum(check.points for check in checks))
            return
        if is_first:
            if answer.witness == Witness.SCRIPT.value:
                told = SELF_CHECK.in_language(language)
                self.user_properties.append(("grader", told))
            self._tell_score(answer.score, answer.possible)
            if answer.note is not None:
                note = answer.note.in_language(language)
                self.user_properties.append(("grader", note))
        self._check = next(check for check in answer.checks if check.id == self.name)
        if self._check.status is Status.INCONCLUSIVE:
            if answer.score is not None:
                pytest.skip(self._told(self._check))
            pytest.fail(self._told(self._check), pytrace=False)

    def runtest(self) -> None:
        """
        Raises:
            pytest.fail.Exception: it did not pass.
            pytest.skip.Exception: a check that it needs did not pass.
        """
        from grader.checks import Status
        from grader.report.escaping import visible

        if self._why_none is not None:
            pytest.fail(visible(self._why_none.in_language(_language(self.config))), pytrace=False)
        check = self._check
        assert check is not None, "setup has found it"
        self.user_properties += [("points", check.points), ("possible", check.possible)]
        if check.is_advice and check.status in (Status.FAILED, Status.LUCKY):
            self.user_properties.append(("grader", f"{self.name}: {self._told(check)}"))
        elif check.status is Status.SKIPPED:
            pytest.skip(self._told(check))
        elif check.status is not Status.PASSED:
            pytest.fail(self._told(check), pytrace=False)

    def _tell_score(self, points: float | None, possible: float) -> None:
        from grader.messages import say

        if points is None:
            return
        score = say("{score} of {possible} points.", score=f"{points:g}", possible=f"{possible:g}")
        name = self.parent.course.exercises[0].exercise.id
        told = f"{name}: {score.in_language(_language(self.config))}"
        self.user_properties.append(("grader", told))

    def _told(self, check: CheckResult) -> str:
        from grader.report.escaping import visible
        from grader.report.words import sign_of

        language = _language(self.config)
        sign = sign_of(check.status, check.is_advice)
        said = [text.in_language(language) for text in (check.expected, *check.explanation)]
        place = f"{check.line_file}:{check.line}" if check.line is not None else ""
        head = f"{sign.icon} {sign.word.in_language(language)}: {said[0]}"
        return visible("\n".join(filter(None, [head, *said[1:], place])))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the check stands and what it is called."""
        return self.path, None, f"{self.path.stem}: {self.name}"
