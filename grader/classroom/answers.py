"""Which of the files that a student handed in answers which exercise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from grader.classroom.claims import Claim
from grader.classroom.exercise_names import ExerciseNames, Meant, without_attempt
from grader.classroom.layouts import student_named
from grader.classroom.model import HandIn, Layout, Unmatched
from grader.messages import Text, say
from grader.submission import NotItsOwnError, TooLargeError, read_submission

_LISTED = 20
"""So many files of one student that were not graded are listed, and the others counted."""
_SHOWN = 3
"""Names in one sentence."""
_RIVALS_READ = 100
"""Of more scripts than this it is not looked which imports which: nobody means them all."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Answers:
    """The latest attempt of every answer, and what answers nothing."""

    hand_ins: tuple[HandIn, ...]
    unmatched: tuple[Unmatched, ...]


@dataclass(frozen=True, slots=True)
class _Script:
    """A script, and what its name means. ``copy`` is which attempt its own name says it is."""

    claim: Claim
    meant: Meant
    copy: int

    @property
    def path(self) -> Path:
        assert self.claim.file.path is not None
        return self.claim.file.path

    @property
    def when(self) -> tuple[datetime, int, int]:
        """Attempts come in this order."""
        return self.claim.submitted_at or _LONG_AGO, self.claim.attempt or 0, self.copy


def find_answers(
    claims: Sequence[Claim],
    layout: Layout,
    outer: str,
    names: ExerciseNames,
    graded: Sequence[str],
) -> Answers:
    """Match scripts with exercises, and the attempts of one student with each other.

    Args:
        claims: whose each file is.
        layout: where their names come from.
        outer: the name of the folder as a whole: whose a file is where nothing else says it.
        names: what names mean.
        graded: the ids of the exercises that are graded.
    """
    claims = [_named(claim, outer, names) for claim in claims]
    finder = _Finder(claims, layout, names, graded)
    unmatched: list[Unmatched] = []
    answers: dict[tuple[str, str], list[_Script]] = {}
    for handed in _handed_in_together(claims):
        found, left = finder.answers_in(handed)
        unmatched += left
        for exercise, script in found:
            answers.setdefault((script.claim.student.id, exercise), []).append(script)
    hand_ins: list[HandIn] = []
    for (_, exercise), scripts in answers.items():
        latest, rivals = _latest(exercise, scripts)
        hand_ins += latest
        unmatched += rivals
    return Answers(
        tuple(sorted(hand_ins, key=lambda one: (one.student.name, one.student.id, one.exercise))),
        tuple(sorted(unmatched, key=lambda one: one.file)),
    )


def _named(claim: Claim, outer: str, names: ExerciseNames) -> Claim:
    """The claim, with the exercise taken out of the name that is the student's."""
    if not claim.by_file_name:
        return claim
    stem, _ = without_attempt(claim.rest.stem)
    own = names.without_exercise(stem)
    if not own:
        own = next((name for name in claim.context if not names.found_in(name)), outer)
    return replace(claim, student=student_named(own))


def _handed_in_together(claims: Iterable[Claim]) -> Iterable[list[Claim]]:
    """What one student handed in at one time."""
    together: dict[tuple[str, datetime | None, int | None], list[Claim]] = {}
    for claim in claims:
        key = (claim.student.id, claim.submitted_at, claim.attempt)
        together.setdefault(key, []).append(claim)
    return together.values()


class _Finder:
    """Finds the answers among what was handed in together."""

    def __init__(
        self,
        claims: Iterable[Claim],
        layout: Layout,
        names: ExerciseNames,
        graded: Sequence[str],
    ) -> None:
        self._names = names
        self._graded = graded
        self._layout = layout
        self._by_name = layout in (Layout.FILES, Layout.FOLDERS, Layout.REGEX) and any(
            set(names.meant_by(claim).exercises) & set(graded)
            for claim in claims
            if claim.file.is_script
        )
        """Whether names decide even where one exercise is graded: somebody named a script after
        it, so others are meant by names of others. What came from a platform was handed in for
        that one exercise, whatever it is called."""

    def answers_in(
        self, handed: Sequence[Claim]
    ) -> tuple[list[tuple[str, _Script]], list[Unmatched]]:
        """The answers, and the scripts that answer nothing and help none that does."""
        scripts = [self._script(claim) for claim in handed if claim.file.is_script]
        left = [
            Unmatched(claim.file.shown, claim.file.problem, claim.student)
            for claim in handed
            if claim.file.problem is not None
        ]
        if not scripts:
            readable = [claim for claim in handed if claim.file.problem is None]
            left = [*([_no_script(readable)] if readable else []), *left]
            return [], _with_the_rest_counted(left, handed[0])
        answers: list[tuple[str, _Script]] = []
        for exercise in self._graded:
            candidates = [one for one in scripts if one.meant.exercises == (exercise,)]
            if not candidates and len(self._graded) == 1:
                candidates = [one for one in scripts if self._may_be_unnamed(one)]
            for copy in sorted({one.copy for one in candidates}):
                best = _best([one for one in candidates if one.copy == copy])
                if len(best) == 1:
                    answers.append((exercise, best[0]))
                else:
                    left += _rivals(best, best)
        told = {one.file for one in left}
        chosen = [script for _, script in answers]
        used = {one.path for one in chosen}
        if len(scripts) > 1:
            used |= {path for one in chosen for path in _imports(one)}
        left += [
            Unmatched(str(one.claim.file.name), self._why_not(one), one.claim.student)
            for one in scripts
            if one.path not in used
            and str(one.claim.file.name) not in told
            and not (answers and self._is_template(one))
        ]
        return answers, _with_the_rest_counted(left, handed[0])

    def _script(self, claim: Claim) -> _Script:
        _, copy = without_attempt(claim.rest.stem, claim.renamed)
        return _Script(claim, self._names.meant_by(claim), copy)

    def _may_be_unnamed(self, script: _Script) -> bool:
        """Whether a script can be the answer to the only exercise, though nothing says so."""
        if self._is_template(script):
            return False
        return not script.meant.exercises or not self._by_name

    def _is_template(self, script: _Script) -> bool:
        """Whether everybody's repository has it from the start."""
        return self._layout is Layout.GITHUB_CLASSROOM and is_test(script.claim.rest)

    def _why_not(self, script: _Script) -> Text:
        meant = script.meant.exercises
        if len(meant) > 1:
            return say(
                "Its name can mean any of {exercises}: say in course.yaml which it answers.",
                exercises=", ".join(meant),
            )
        if meant and meant[0] not in self._graded:
            return say("It seems to answer {exercise}, which is not graded now.", exercise=meant[0])
        if meant or len(self._graded) == 1:
            answered = meant[0] if meant else self._graded[0]
            return say("Another script of this student answers {exercise}.", exercise=answered)
        return say(
            "Its name means none of the exercises, which are {exercises}.",
            exercises=", ".join(self._graded),
        )


def is_test(name: PurePosixPath) -> bool:
    """What a teacher's template brings along, not the student's answer."""
    return (
        name.name in ("conftest.py", "setup.py")
        or name.name.startswith("test_")
        or name.stem.endswith("_test")
        or "tests" in name.parts[:-1]
    )


def _best(candidates: list[_Script]) -> list[_Script]:
    """The plainest named; of several those that no other imports; of these the one at the top."""
    plainest = min(one.meant.distance for one in candidates)
    best = [one for one in candidates if one.meant.distance == plainest]
    if 1 < len(best) <= _RIVALS_READ:
        imported = {path for one in best for path in _imports(one)}
        best = [one for one in best if one.path not in imported] or best
    if len(best) > 1:
        main = [one for one in best if one.claim.rest.name in ("main.py", "__main__.py")]
        best = main if len(main) == 1 else best
    return best


def _imports(script: _Script) -> set[Path]:
    """The modules beside a script that it uses."""
    try:
        names = [file.name for file in read_submission(script.path).files[1:]]
    except (NotItsOwnError, TooLargeError):
        return set()  # it is refused when it is read to be graded
    return {script.path.parent / name for name in names}


def _no_script(handed: Sequence[Claim]) -> Unmatched:
    student = handed[0].student
    there = [claim for claim in handed if not claim.file.is_nothing]
    if not there:
        told = say("{student} handed in nothing: it is empty.", student=student.name)
        return Unmatched(str(handed[0].file.name.parent), told, student)
    files = ", ".join(str(claim.rest) for claim in there[:3])
    return Unmatched(
        str(there[0].file.name),
        say(
            "{student} handed in no Python script, only {files}.",
            student=student.name,
            files=files,
        ),
        student,
    )


def _rivals(scripts: Sequence[_Script], among: Sequence[_Script]) -> list[Unmatched]:
    """Scripts that are not graded, because each of several could be the answer."""
    return [
        Unmatched(
            str(one.claim.file.name),
            say(
                "It could be the answer, and so could {others}: nothing says which.",
                others=_some([other for other in among[: _SHOWN + 2] if other is not one]),
            ),
            one.claim.student,
        )
        for one in scripts
    ]


def _some(scripts: Sequence[_Script]) -> str:
    names = [str(one.claim.file.name) for one in scripts[:_SHOWN]]
    return ", ".join([*names, "…"] if len(scripts) > _SHOWN else names)


def _with_the_rest_counted(left: list[Unmatched], one_of_them: Claim) -> list[Unmatched]:
    """The first files, and how many more there are: a student may hand in a whole library."""
    more = len(left) - _LISTED
    if more <= 1:
        return left
    student = one_of_them.student
    told = say(
        "{student} handed in {count} more scripts that were not graded.",
        student=student.name,
        count=more,
    )
    return [*left[:_LISTED], Unmatched(one_of_them.place, told, student)]


def _latest(exercise: str, scripts: Sequence[_Script]) -> tuple[list[HandIn], list[Unmatched]]:
    """The latest attempt with the others in it, unless several are equally late."""
    ordered = sorted(scripts, key=lambda script: script.when)
    rivals = [script for script in ordered if script.when == ordered[-1].when]
    if len(rivals) > 1:
        return [], _rivals(ordered, rivals)
    hand_ins = [
        _hand_in(exercise, script, number) for number, script in enumerate(ordered, start=1)
    ]
    *earlier, latest = hand_ins
    return [replace(latest, earlier=tuple(reversed(earlier)))], []


def _hand_in(exercise: str, script: _Script, number: int) -> HandIn:
    claim = script.claim
    return HandIn(
        claim.student,
        exercise,
        str(claim.file.name),
        script.path,
        claim.place,
        max(number, claim.attempt or 0, script.copy),
        claim.submitted_at,
        claim.late,
    )
