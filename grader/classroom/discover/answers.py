"""Which of the files that a student handed in answers which exercise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from grader.classroom.discover.archives import Problem
from grader.classroom.discover.exercise_names import ExerciseNames, without_attempt
from grader.classroom.discover.files import File
from grader.classroom.discover.plain import student_named
from grader.classroom.discover.platform import Claim, Platform
from grader.classroom.model import Attempt, HandIn, Unmatched
from grader.messages import Text, say
from grader.submission import (
    LARGEST,
    NotItsOwnError,
    SourceFile,
    Submission,
    TooLargeError,
    data_beside,
    with_its_modules,
)

_LISTED = 20
"""So many files of one student that were not graded are listed, and the others counted."""
_SHOWN = 3
"""Names in one sentence."""
_RIVALS_READ = 100
"""Of more scripts than this it is not examined which imports which."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Answers:
    """The latest attempt of every answer, and what answers nothing."""

    hand_ins: tuple[HandIn, ...]
    unmatched: tuple[Unmatched, ...]


def find_answers(
    claims: Sequence[Claim],
    platform: Platform,
    outer: str,
    names: ExerciseNames,
    graded: Sequence[str],
) -> Answers:
    """Match scripts with exercises, and the attempts of one student with each other.

    What one student handed in never affects another one.

    Args:
        claims: whose each file is.
        platform: where they come from.
        outer: the name of the folder as a whole: whose a file is where nothing else says it.
        names: what names mean.
        graded: the ids of the exercises that are graded.
    """
    finder = _Finder(platform, names, graded)
    unmatched: list[Unmatched] = []
    answers: dict[tuple[str, str], list[tuple[Claim, _HandedIn]]] = {}
    for handed in _handed_in_together(_understood(claim, outer, names) for claim in claims):
        found, left = finder.answers_in(handed)
        unmatched += left
        for exercise, claim in found:
            answers.setdefault((claim.student.id, exercise), []).append((claim, handed))
    hand_ins: list[HandIn] = []
    for (_, exercise), attempts in answers.items():
        latest = _latest(exercise, attempts)
        if isinstance(latest, HandIn):
            hand_ins.append(latest)
        else:
            unmatched += latest
    return Answers(
        tuple(sorted(hand_ins, key=lambda one: (one.student.name, one.student.id, one.exercise))),
        tuple(sorted(unmatched, key=lambda one: one.file)),
    )


def _understood(claim: Claim, outer: str, names: ExerciseNames) -> Claim:
    """The claim with what its name means, and the exercise taken out of the student's."""
    student = claim.student
    if claim.by_file_name:
        stem, _ = without_attempt(claim.rest.stem)
        own = names.without_exercise(stem)
        if not own:
            own = next((name for name in claim.context if not names.found_in(name)), outer)
        student = student_named(own)
    _, copy = without_attempt(claim.rest.stem, claim.renamed)
    return replace(claim, student=student, meant=names.meant_by(claim), copy=copy)


class _HandedIn:
    """What one student handed in at one time: a folder by the names that the student gave."""

    def __init__(self) -> None:
        self.claims: list[Claim] = []
        self._files: dict[PurePosixPath, File] = {}
        self._data: dict[PurePosixPath, File] = {}
        self._read: dict[int, Submission | Text] = {}

    def add(self, claim: Claim) -> None:
        """Put a file into the folder."""
        self.claims.append(claim)
        if claim.file.is_named_script or claim.file.problem is not None:
            self._files.setdefault(claim.rest, claim.file)
        else:
            self._data.setdefault(claim.rest, claim.file)

    @property
    def scripts(self) -> list[Claim]:
        """The claims of all files that can be scripts."""
        return [claim for claim in self.claims if claim.file.is_script]

    def submission(self, script: Claim) -> Submission | Text:
        """A script and the modules beside it that it imports, read once; or why it is not read."""
        if id(script) not in self._read:
            self._read[id(script)] = self._reading(script)
        return self._read[id(script)]

    def _reading(self, script: Claim) -> Submission | Text:
        folder = _Beside(self._files, self._data, script)
        try:
            if len(self._files) == 1:
                files: tuple[SourceFile, ...] = (folder.script(),)
            else:
                files = with_its_modules(script.rest.name, folder)
        except OSError as error:
            return say("It cannot be read: {reason}.", reason=str(error.strerror))
        except NotItsOwnError:
            return say("It uses a module that is a link to somewhere else: links are not followed.")
        except TooLargeError:
            return say("Together with the modules that it uses it is larger than 5 MB.")
        return Submission(Path(script.file.name), files, *data_beside(files, folder))

    def imports(self, script: Claim) -> set[PurePosixPath]:
        """The modules beside a script that it uses; none where it cannot be read."""
        submission = self.submission(script)
        if not isinstance(submission, Submission):
            return set()
        return {script.rest.parent / file.name for file in submission.files[1:]}


class _Beside:
    """The folder of a script, as `grader.submission.Folder` has it. Nothing of others is in it."""

    def __init__(
        self, files: dict[PurePosixPath, File], data: dict[PurePosixPath, File], script: Claim
    ) -> None:
        self._files = files
        self._data = data
        self._script = script

    def script(self) -> SourceFile:
        """The script alone.

        Raises:
            OSError: it cannot be read.
        """
        return SourceFile(self._script.rest.name, self._script.file.read(LARGEST))

    def has(self, name: str) -> bool:
        """Whether the student handed it in, or a link in its place."""
        place = self._script.rest.parent / name
        file = self._files.get(place)
        return self._is_linked(place) or (file is not None and file.is_script)

    def read(self, name: str, most: int) -> bytes:
        """As `grader.submission.Folder` says."""
        if name == self._script.rest.name:
            return self._script.file.read(most)
        place = self._script.rest.parent / name
        if self._is_linked(place):
            raise NotItsOwnError(name)
        return (self._files.get(place) or self._data[place]).read(most)

    def beside(self) -> Iterator[str]:
        """The names of all files that the student handed in below the script's folder."""
        folder = self._script.rest.parent
        for place in (*self._data, *self._files):
            if place.is_relative_to(folder):
                yield str(place.relative_to(folder))

    def _is_linked(self, place: PurePosixPath) -> bool:
        around = (self._files.get(each) for each in (place, *place.parents))
        return any(file is not None and file.problem is Problem.LINK.text for file in around)


def _handed_in_together(claims: Iterable[Claim]) -> Iterable[_HandedIn]:
    """What one student handed in at one time."""
    together: dict[tuple[str, datetime | None, int | None], _HandedIn] = {}
    for claim in claims:
        key = (claim.student.id, claim.submitted_at, claim.attempt)
        together.setdefault(key, _HandedIn()).add(claim)
    return together.values()


class _Finder:
    """Finds the answers among what was handed in together."""

    def __init__(self, platform: Platform, names: ExerciseNames, graded: Sequence[str]) -> None:
        self._platform = platform
        self._names = names
        self._graded = graded

    def answers_in(self, handed: _HandedIn) -> tuple[list[tuple[str, Claim]], list[Unmatched]]:
        """The answers, and the scripts that answer nothing and help none that does."""
        scripts = handed.scripts
        first = handed.claims[0]
        left = [
            Unmatched(claim.file.shown, claim.file.problem, claim.student)
            for claim in handed.claims
            if claim.file.problem is not None
        ]
        if not scripts:
            readable = [claim for claim in handed.claims if claim.file.problem is None]
            left = [*([_no_script(readable)] if readable else []), *left]
            return [], _with_the_rest_counted(left, first)
        answers: list[tuple[str, Claim]] = []
        for exercise in self._graded:
            candidates = [one for one in scripts if one.meant.exercises == (exercise,)]
            if not candidates and len(self._graded) == 1:
                # What came from a platform was handed in for that one exercise, whatever it is
                # called; elsewhere a script will do that is called like no other exercise.
                candidates = [
                    one
                    for one in scripts
                    if (self._platform.is_collected or not one.meant.exercises)
                    and not self._platform.is_template(one.rest)
                ]
            for copy in sorted({one.copy for one in candidates}):
                best = _best([one for one in candidates if one.copy == copy], handed)
                if len(best) == 1:
                    answers.append((exercise, best[0]))
                else:
                    left += _rivals(best, best)
        listed = {one.file for one in left}
        chosen = [script for _, script in answers]
        used = {one.rest for one in chosen}
        if len(scripts) > 1:
            used |= {name for one in chosen for name in handed.imports(one)}
        left += [
            Unmatched(str(one.file.name), self._why_not(one), one.student)
            for one in scripts
            if one.rest not in used
            and str(one.file.name) not in listed
            and not (answers and self._platform.is_template(one.rest))
        ]
        return answers, _with_the_rest_counted(left, first)

    def _why_not(self, script: Claim) -> Text:
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
            "Its name matches none of the exercises, which are {exercises}.",
            exercises=", ".join(self._graded),
        )


def _best(candidates: list[Claim], handed: _HandedIn) -> list[Claim]:
    """The plainest named; of several those that no other imports; of these the one at the top."""
    plainest = min(one.meant.distance for one in candidates)
    best = [one for one in candidates if one.meant.distance == plainest]
    if 1 < len(best) <= _RIVALS_READ:
        imported = {name for one in best for name in handed.imports(one)}
        best = [one for one in best if one.rest not in imported] or best
    if len(best) > 1:
        main = [one for one in best if one.rest.name in ("main.py", "__main__.py")]
        best = main if len(main) == 1 else best
    return best


def _no_script(handed: Sequence[Claim]) -> Unmatched:
    student = handed[0].student
    there = [claim for claim in handed if not claim.file.is_nothing]
    if not there:
        reason = say("{student} handed in an empty folder or file.", student=student.name)
        return Unmatched(str(handed[0].file.name.parent), reason, student)
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


def _rivals(scripts: Sequence[Claim], among: Sequence[Claim]) -> list[Unmatched]:
    """Scripts that are not graded, because each of several could be the answer."""
    rivals = []
    for one in scripts:
        others = [str(each.file.name) for each in among[: _SHOWN + 2] if each is not one]
        shown = others if len(others) <= _SHOWN else [*others[:_SHOWN], "…"]
        reason = say(
            "It could be the answer, and so could {others}: nothing tells which.",
            others=", ".join(shown),
        )
        rivals.append(Unmatched(str(one.file.name), reason, one.student))
    return rivals


def _with_the_rest_counted(left: list[Unmatched], one_of_them: Claim) -> list[Unmatched]:
    """The first files, and how many more there are: a student may hand in a whole library."""
    more = len(left) - _LISTED
    if more <= 1:
        return left
    student = one_of_them.student
    reason = say(
        "{student} handed in {count} more scripts that were not graded.",
        student=student.name,
        count=more,
    )
    return [*left[:_LISTED], Unmatched(one_of_them.place, reason, student)]


def _when(script: Claim) -> tuple[datetime, int, int]:
    """Attempts come in this order."""
    return script.submitted_at or _LONG_AGO, script.attempt or 0, script.copy


def _latest(
    exercise: str, attempts: Sequence[tuple[Claim, _HandedIn]]
) -> HandIn | Sequence[Unmatched]:
    """The latest attempt with the others in it; or why there is none: several are equally late, or
    it cannot be read.
    """
    ordered = sorted(attempts, key=lambda attempt: _when(attempt[0]))
    script, handed = ordered[-1]
    rivals = [one for one, _ in ordered if _when(one) == _when(script)]
    if len(rivals) > 1:
        return _rivals([one for one, _ in ordered], rivals)
    submission = handed.submission(script)
    if not isinstance(submission, Submission):
        return [Unmatched(str(script.file.name), submission, script.student, exercise)]
    *earlier, latest = (
        Attempt(
            student=one.student,
            exercise=exercise,
            file=str(one.file.name),
            place=one.place,
            attempt=max(number, one.attempt or 0, one.copy),
            submitted_at=one.submitted_at,
            late=one.late,
        )
        for number, (one, _) in enumerate(ordered, start=1)
    )
    return HandIn(**vars(latest), submission=submission, earlier=tuple(reversed(earlier)))
