"""The samples of an exercise: scripts, and what each of them must be given and told.

They lie in a folder beside the exercise, ``join.samples/`` for ``join.yaml``: scripts in the folder
itself or below ``right/`` and ``wrong/``, and a ``samples.yaml`` with what must come out. A script
of which that says nothing must get all points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from grader.checks import Status
from grader.classroom.model import CheckResult
from grader.exercise import Exercise, ExerciseError, Model, Problem, match
from grader.exercise.document import read_document
from grader.exercise.loading import validated
from grader.exercise.names import CheckName, Vocabulary
from grader.exercise.values import Number, PlainPattern, Text
from grader.exercise.wording import Takes, did_you_mean
from grader.messages import Message, say
from grader.report.words import SIGNS

MANIFEST = "samples.yaml"
_FOLDERS = ("", "right", "wrong")

Checks = Annotated[tuple[CheckName, ...], Takes("a list of ids of checks", {"type": "array"})]


class Sample(Model):
    """What must come out of a script. Where nothing is said, it must get all points."""

    PLACE: ClassVar[str] = "a sample"
    EXAMPLE: ClassVar[str] = "{fails: [waits], says: {waits: 'Main did not wait*'}}"

    fails: Checks = ()
    """The checks that must be reported as failed. No other counted check may be: one mistake is
    reported once."""
    lucky: Checks = ()
    """The same for those that must be reported as lucky."""
    loses: Checks | None = None
    """All counted checks that score nothing, those that follow from others too. Left out: none
    where no check fails or is lucky and no ``score`` is given; else any."""
    score: Annotated[Number, Field(ge=0)] | None = None
    """The points that it must get. Left out: all, where no check fails or is lucky, else any."""
    says: Annotated[
        dict[CheckName, PlainPattern],
        Takes("checks, each with a pattern of what must be said of it", {"type": "object"}),
    ] = Field({})
    """What must be said to have happened, in English, for each of these checks."""
    mistake: Text | None = None
    """The id of the mistake that must be recognised, as in docs/mistakes.md."""

    @property
    def reported(self) -> tuple[str, ...]:
        """The checks that must be reported."""
        return (*self.fails, *self.lucky)

    @property
    def follows(self) -> tuple[str, ...]:
        """Those that lose their points because of others."""
        return tuple(each for each in self.loses or () if each not in self.reported)


class SamplesFile(Model):
    """What a ``samples.yaml`` says."""

    PLACE: ClassVar[str] = "a file of samples"
    EXAMPLE: ClassVar[str] = "samples: {no_join.py: {fails: [waits]}}"

    samples: Annotated[
        dict[Text, Sample], Takes("scripts, each with what must come out", {"type": "object"})
    ] = Field({})
    """By the script's path from the folder of the file."""
    equivalent: Annotated[
        dict[Text, Text], Takes("mutants, each with the reason", {"type": "object"})
    ] = Field({})
    """Mutants of the solution that are right answers, too, and why. The name of a mutant is as
    `grade audit` shows it, or a pattern for several, as in ``text-misspelt:*``."""


@dataclass(frozen=True)
class Script:
    """A script that is a sample. ``name`` is its path from the folder of the samples."""

    name: str
    path: Path
    wanted: Sample


def samples_folder(file: Path, samples: Path | None = None) -> Path:
    """The folder of the samples of an exercise file.

    Args:
        file: of the exercise.
        samples: a folder with a folder for each exercise, called by its id; None: the samples are
            beside the exercise.
    """
    return file.with_suffix(".samples") if samples is None else samples / file.stem


def load_samples(exercise: Exercise, folder: Path) -> tuple[Script, ...]:
    """The samples in a folder, in the order of their names; none where there is no folder.

    Raises:
        ExerciseError: the ``samples.yaml`` is wrong.
    """
    manifest = folder / MANIFEST
    found = {
        path.relative_to(folder).as_posix(): path
        for below in _FOLDERS
        for path in sorted((folder / below).glob("*.py"))
    }
    wanted = load_manifest(exercise, folder).samples
    problems = list(_without_file(manifest, wanted, folder, found))
    if problems:
        raise ExerciseError(problems)
    found |= {name: folder / name for name in wanted}
    return tuple(
        Script(name, path, wanted.get(name, Sample())) for name, path in sorted(found.items())
    )


def load_manifest(exercise: Exercise, folder: Path) -> SamplesFile:
    """What the ``samples.yaml`` of a folder says; an empty one, where there is none.

    Raises:
        ExerciseError: it is wrong.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return SamplesFile()
    checks = frozenset(check.id for check in exercise.checks)
    return validated(SamplesFile, read_document(manifest), Vocabulary(cast=None, checks=checks))


def _without_file(
    manifest: Path, wanted: dict[str, Sample], folder: Path, found: dict[str, Path]
) -> Iterator[Problem]:
    """Samples whose script is not there."""
    for name in wanted:
        if not (folder / name).is_file():
            document = read_document(manifest)
            message = f"there is no file '{name}'.{did_you_mean(name, list(found))}"
            yield document.problem(message, document.at(("samples", name)))


def misses(wanted: Sample, checks: Sequence[CheckResult]) -> Iterator[Message]:
    """What came out otherwise than it must; nothing where all is as it must be."""
    by_id = {check.id: check for check in checks}
    for check in checks:
        status = check.status
        should_be = _should_be(wanted, check)
        if status is Status.INCONCLUSIVE and not check.is_advice:
            yield say("{check} could not be judged.", check=check.id)
        elif should_be is not None and status is not should_be:
            yield say(
                "{check} must be {wanted}, and is {found}{cause}.",
                check=check.id,
                wanted=SIGNS[should_be].word,
                found=SIGNS[status].word,
                cause="" if check.cause is None else f" ({check.cause})",
            )
        elif should_be is None and not check.is_advice and status in (Status.FAILED, Status.LUCKY):
            yield say(
                "{check} must not be {found}: {happened}",
                check=check.id,
                found=SIGNS[status].word,
                happened=check.happened or "",
            )
    lost = {each.id for each in checks if not each.is_advice and each.status is not Status.PASSED}
    loses = wanted.loses
    if loses is None and not any(_should_be(wanted, each) for each in checks if each.possible):
        loses = () if wanted.score is None else None
    if loses is not None and lost != set(loses):
        yield say(
            "These checks must lose their points: {wanted}. These do: {found}.",
            wanted=", ".join(loses) or "–",
            found=", ".join(each.id for each in checks if each.id in lost) or "–",
        )
    score = sum(check.points for check in checks)
    if wanted.score is not None and abs(score - wanted.score) > 1e-9:
        yield say(
            "It must score {wanted}, and scores {found}.",
            wanted=f"{wanted.score:g}",
            found=f"{score:g}",
        )
    for name, pattern in wanted.says.items():
        happened = by_id[name].happened
        told = "" if happened is None else happened.in_language("en")
        if match(pattern, told) is None:
            yield say(
                "Of {check} this must be said: “{wanted}”. This is: “{found}”.",
                check=name,
                wanted=pattern,
                found=told,
            )
    recognized = [check.recognized for check in checks if check.recognized is not None]
    if wanted.mistake is not None and wanted.mistake not in recognized:
        yield say(
            "The mistake {wanted} must be recognised. What is: {found}.",
            wanted=wanted.mistake,
            found=", ".join(recognized) or "–",
        )


def _should_be(wanted: Sample, check: CheckResult) -> Status | None:
    if check.id in wanted.fails:
        return Status.FAILED
    return Status.LUCKY if check.id in wanted.lucky else None
