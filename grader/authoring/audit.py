"""How well an exercise tells right from wrong, measured by mutants of its solution.

A mutant is killed when a counted check fails on it, or calls it lucky. One that survives is either
as right as the solution, and is marked so with a reason in the ``samples.yaml``, or it shows a
mistake that the exercise does not catch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from libcst import ParserSyntaxError
from markupsafe import Markup

from grader.authoring.mutation import OPERATORS, Mutant, mutants
from grader.authoring.samples import Sample, Script, load_manifest, samples_folder
from grader.authoring.testing import GradedSample, SampledExercise
from grader.checks import Status
from grader.classroom.batch.job import Graded
from grader.classroom.model import CheckResult
from grader.exercise import Exercise, load_exercise
from grader.exit_status import UserError
from grader.messages import Language, Text, plural, say
from grader.report import render_page, report_style
from grader.report.escaping import visible, with_code
from grader.report.words import SIGNS
from grader.submission import SourceFile, Submission

_TEMPLATE = Path(__file__).parent / "templates" / "audit.html"
_SOLUTION = "solution.py"

Grading = Callable[
    [Sequence[SampledExercise], Callable[[Path], Submission], bool], Iterable[GradedSample]
]
"""Grades scripts, which it reads by a function, in the natural order only or in all orders."""


@dataclass(frozen=True)
class Audited:
    """A mutant that was graded. ``reason`` is why it is marked as equivalent, None where it is
    not. ``graded`` is None where the grader failed on it, with ``failure`` as what it said.
    """

    mutant: Mutant
    graded: Graded | None
    reason: str | None
    failure: Text | None = None

    @property
    def lost(self) -> tuple[CheckResult, ...]:
        """The counted checks that did not pass."""
        return () if self.graded is None else _lost(self.graded)

    @property
    def killers(self) -> tuple[CheckResult, ...]:
        """Those of them that report a mistake; the others follow from them."""
        return tuple(each for each in self.lost if each.status in (Status.FAILED, Status.LUCKY))

    @property
    def survives(self) -> bool:
        """It is neither killed nor marked."""
        return not self.killers and self.reason is None


@dataclass(frozen=True)
class Audit:
    """What the mutants of one solution show. ``stale`` are marks that no survivor has."""

    exercise: Exercise
    solution: Path
    audited: tuple[Audited, ...]
    stale: tuple[str, ...]

    @property
    def killed(self) -> tuple[Audited, ...]:
        """Those that a check reports."""
        return tuple(each for each in self.audited if each.killers)

    @property
    def survivors(self) -> tuple[Audited, ...]:
        """Those that are neither killed nor marked."""
        return tuple(each for each in self.audited if each.survives)

    @property
    def marked(self) -> tuple[Audited, ...]:
        """Those that survive, and are said to be right answers."""
        return tuple(each for each in self.audited if not each.killers and not each.survives)

    @property
    def idle(self) -> tuple[str, ...]:
        """The counted checks that kill nothing."""
        killers = {check.id for each in self.audited for check in each.killers}
        return tuple(
            check.id for check in self.exercise.checks if check.points and check.id not in killers
        )

    @property
    def together(self) -> tuple[tuple[str, ...], ...]:
        """Checks that lose their points on the very same mutants: all but one say nothing new."""
        lost_on: dict[str, set[str]] = defaultdict(set)
        for each in self.audited:
            for lost in each.lost:
                lost_on[lost.id].add(each.mutant.name)
        alike: dict[frozenset[str], list[str]] = defaultdict(list)
        for check in self.exercise.checks:
            if lost_on[check.id]:
                alike[frozenset(lost_on[check.id])].append(check.id)
        return tuple(tuple(each) for each in alike.values() if len(each) > 1)


@dataclass(frozen=True)
class _Solved:
    """An exercise, its solution and the mutants of that."""

    exercise: Exercise
    folder: Path
    solution: Submission
    mutants: tuple[Mutant, ...]
    equivalent: dict[str, str]


def solution_of(file: Path, samples: Path | None, solution: Path | None) -> Path:
    """The script whose mutants are made.

    Args:
        file: of the exercise.
        samples: the folder of all samples; None: they are beside the exercise.
        solution: the script, or a folder that has one with the name of each exercise; None: the
            ``solution.py`` of the samples.
    """
    if solution is None:
        return samples_folder(file, samples) / _SOLUTION
    return solution / f"{file.stem}.py" if solution.is_dir() else solution


def audit(
    files: Sequence[Path],
    samples: Path | None,
    solution: Path | None,
    read: Callable[[Path], Submission],
    grading: Grading,
    only: Callable[[Mutant], bool] = lambda mutant: True,
) -> list[Audit]:
    """Grade the mutants of the solutions of exercises: in the natural order, and those that
    survive that and are not marked in all orders.

    Args:
        files: of the exercises.
        samples: see `solution_of`.
        solution: see `solution_of`.
        read: reads a script, or says in a `UserError` why it cannot be read.
        grading: grades scripts.
        only: which mutants are made.

    Raises:
        ExerciseError: an exercise, or the file of its samples, is wrong.
        UserError: a solution cannot be read, is not Python, or does not get all points itself.
    """
    solved: list[_Solved] = []
    for file in files:
        exercise = load_exercise(file)
        folder = samples_folder(file, samples)
        submission = read(solution_of(file, samples, solution))
        try:
            made = tuple(filter(only, mutants(submission.script.content)))
        except (ParserSyntaxError, SyntaxError, ValueError) as error:
            problem = say("{path} is not Python.", path=str(submission.path))
            raise UserError(problem) from error
        marks = load_manifest(exercise, folder).equivalent
        solved.append(_Solved(exercise, folder, submission, made, marks))
    found = _graded(solved, grading, natural=True)
    for each in solved:
        _require_right(each, found.pop((each.exercise.id, _SOLUTION)))
    surviving = [
        replace(
            each,
            mutants=tuple(
                mutant
                for mutant in each.mutants
                if _reason(mutant, each.equivalent) is None
                and (graded := found[each.exercise.id, mutant.name].graded) is not None
                and not _lost(graded)
            ),
        )
        for each in solved
    ]
    found |= _graded([each for each in surviving if each.mutants], grading, natural=False)
    return [_audited(each, found) for each in solved]


def _graded(
    solved: Sequence[_Solved], grading: Grading, natural: bool
) -> dict[tuple[str, str], GradedSample]:
    """By exercise and mutant. With the natural order, the solutions are graded, too."""
    submissions: dict[Path, Submission] = {}
    exercises: list[SampledExercise] = []
    for each in solved:
        script, *others = each.solution.files
        contents = {mutant.name: mutant.content for mutant in each.mutants}
        if natural:
            contents[_SOLUTION] = script.content
        scripts: list[Script] = []
        for name, content in contents.items():
            place = Path(each.exercise.id, name)
            files = (SourceFile(script.name, content), *others)
            submissions[place] = replace(each.solution, files=files)
            scripts.append(Script(name, place, Sample()))
        exercises.append(SampledExercise(each.exercise, each.folder, tuple(scripts)))
    if not exercises:
        return {}
    return {
        (each.exercise.id, each.sample.name): each
        for each in grading(exercises, submissions.__getitem__, natural)
    }


def _lost(graded: Graded) -> tuple[CheckResult, ...]:
    return tuple(
        each for each in graded.checks if not each.is_advice and each.status is not Status.PASSED
    )


def _require_right(solved: _Solved, solution: GradedSample) -> None:
    """
    Raises:
        UserError: the solution does not get all points.
    """
    path = str(solved.solution.path)
    if solution.graded is None:
        raise UserError(solution.misses[0])
    lost = _lost(solution.graded)
    if lost:
        raise UserError(
            say(
                "{path} does not get all points itself: {check} is {status}.",
                path=path,
                check=lost[0].id,
                status=SIGNS[lost[0].status].word,
            )
        )


def _reason(mutant: Mutant, equivalent: dict[str, str]) -> str | None:
    """Why a mutant is said to be a right answer."""
    matching = (why for name, why in equivalent.items() if fnmatchcase(mutant.name, name))
    return next(matching, None)


def _audited(solved: _Solved, found: dict[tuple[str, str], GradedSample]) -> Audit:
    audited: list[Audited] = []
    for mutant in solved.mutants:
        result = found[solved.exercise.id, mutant.name]
        failure = result.misses[0] if result.graded is None else None
        reason = _reason(mutant, solved.equivalent)
        audited.append(Audited(mutant, result.graded, reason, failure))
    surviving = [each.mutant.name for each in audited if not each.killers]
    stale = tuple(
        mark for mark in solved.equivalent if not any(fnmatchcase(name, mark) for name in surviving)
    )
    return Audit(solved.exercise, solved.solution.path, tuple(audited), stale)


def summary(audits: Sequence[Audit]) -> Text:
    """What came out, in a sentence."""
    mutants = sum(len(each.audited) for each in audits)
    return say(
        "{mutants}: {killed} killed, {marked} marked as equivalent, {surviving} not caught.",
        mutants=plural("{count} mutant", "{count} mutants", mutants),
        killed=sum(len(each.killed) for each in audits),
        marked=sum(len(each.marked) for each in audits),
        surviving=sum(len(each.survivors) for each in audits),
    )


def remarks(audit: Audit) -> Iterator[Text]:
    """What the mutants show of the exercise, besides which of them survive."""
    for check in audit.idle:
        yield say("{check} kills no mutant.", check=check)
    for group in audit.together:
        yield say(
            "These checks lose their points on the very same mutants: {checks}.",
            checks=", ".join(group),
        )
    for mark in audit.stale:
        yield say("No surviving mutant is called {mark}: leave out its mark.", mark=mark)


def audit_page(audits: Sequence[Audit], language: Language) -> str:
    """The page with every mutant, its change, and what kills it, as HTML."""
    return render_page(_TEMPLATE, _Page(audits, language), language, report_style())


class _Page:
    """What the template asks for."""

    def __init__(self, audits: Sequence[Audit], language: Language) -> None:
        self.audits = audits
        self._language: Language = language

    def text(self, text: Text) -> Markup:
        """A text in the language of the page."""
        return with_code(visible(text.in_language(self._language)))

    @property
    def summary(self) -> Markup:
        """What came out."""
        return self.text(summary(self.audits))

    def remarks(self, audit: Audit) -> list[Markup]:
        """What the mutants show of the exercise."""
        return [self.text(each) for each in remarks(audit)]

    def operator(self, each: Audited) -> Markup:
        """What is done to the solution."""
        return with_code(visible(OPERATORS[each.mutant.operator].says))

    def icon(self, each: Audited) -> str:
        """Whether it is killed, marked, or neither."""
        return SIGNS[Status.FAILED if each.survives else Status.PASSED].icon

    def counts(self, audit: Audit) -> list[tuple[str, int]]:
        """Each check, and how many mutants it kills."""
        killers = Counter(check.id for each in audit.audited for check in each.killers)
        return [(check.id, killers[check.id]) for check in audit.exercise.checks if check.points]
