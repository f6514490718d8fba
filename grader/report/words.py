"""Words and signs that every form of the report shares."""

from __future__ import annotations

from dataclasses import dataclass

from grader.checks import Status
from grader.grading import Grade, Judgement
from grader.messages import Text, plural, say
from grader.trace import Location, Trace, Witness


@dataclass(frozen=True)
class Sign:
    """How a status is shown: never by colour alone."""

    icon: str
    word: Text
    style: str
    """Of Rich, for the terminal."""


SIGNS: dict[Status, Sign] = {
    Status.PASSED: Sign("✔", say("passed"), "green"),
    Status.FAILED: Sign("✘", say("failed"), "bold red"),
    Status.LUCKY: Sign("☘", say("lucky"), "bold yellow"),
    Status.SKIPPED: Sign("↷", say("skipped"), "dim"),
    Status.INCONCLUSIVE: Sign("?", say("not judged"), "magenta"),
}
ADVICE = Sign("☞", say("advice"), "cyan")


def sign_of(status: Status, is_advice: bool) -> Sign:
    """Advice that applies is shown as advice, whatever its status."""
    return ADVICE if is_advice and status in (Status.FAILED, Status.LUCKY) else SIGNS[status]


def points_of(judgement: Judgement) -> str:
    """``2/3``, ``–/3`` where it could not be judged; nothing for advice."""
    if judgement.is_advice:
        return ""
    if judgement.finding.status is Status.INCONCLUSIVE:
        return f"–/{judgement.check.points:g}"
    return f"{judgement.points:g}/{judgement.check.points:g}"


SELF_CHECK = say(
    "This is a self-check: the script itself was asked what its processes did, not the kernel. "
    "What cannot be known in that way is marked as not judged here."
)
"""What is said first of a grade that rests on the script's own word."""


def self_check_of(grade: Grade) -> Text:
    """What is said first of a self-check; where nobody asked for one, with the reason."""
    if grade.fell_back is None:
        return SELF_CHECK
    return say(
        "This is a self-check: {why}, so the script itself was asked what its processes did, not "
        "the kernel. What cannot be known in that way is marked as not judged here.",
        why=grade.fell_back,
    )


BY_SCRIPT = say(
    "These marks rest on the scripts' own word (--witness script), not on the kernel's."
)
"""What is said of a class of which some marks do."""
WITNESSES = {Witness.KERNEL: say("kernel"), Witness.SCRIPT: say("the script itself")}


def _self_check_line(grade: Grade) -> Text:
    """The score of a self-check: the points that could be judged, and how many could not."""
    points, judged = f"{grade.points:g}", f"{grade.judged:g}"
    if grade.unjudged:
        return plural(
            "Self-check: {points} of {judged} points. {count} check, worth {rest}, could not be "
            "judged here.",
            "Self-check: {points} of {judged} points. {count} checks, worth {rest}, could not be "
            "judged here.",
            grade.not_judged,
            points=points,
            judged=judged,
            rest=f"{grade.possible - grade.judged:g}",
        )
    if grade.passed:
        return say(
            "Self-check: {points} of {judged} points: right as far as it was tried here.",
            points=points,
            judged=judged,
        )
    return say("Self-check: {points} of {judged} points.", points=points, judged=judged)


def score_line(grade: Grade) -> Text:
    """The score in a sentence."""
    if grade.is_self_check:
        return _self_check_line(grade)
    possible = f"{grade.possible:g}"
    if grade.score is None:
        return say("Not judged: the grader could not see enough. No points are lost by that.")
    score = f"{grade.score:g}"
    if grade.passed and grade.untried is not None:
        return say(
            "{score} of {possible} points: right in the event orders that were tried.",
            score=score,
            possible=possible,
        )
    if grade.passed and any(_is_advised(each) for each in grade.judgements):
        return say(
            "{score} of {possible} points: what is graded is right, and advice costs no points.",
            score=score,
            possible=possible,
        )
    if grade.passed:
        return say(
            "{score} of {possible} points: everything is right.", score=score, possible=possible
        )
    return say("{score} of {possible} points.", score=score, possible=possible)


def _is_advised(judgement: Judgement) -> bool:
    return judgement.is_advice and judgement.finding.status in (Status.FAILED, Status.LUCKY)


def is_explained(judgement: Judgement) -> bool:
    """Whether the finding has something to say in full."""
    return judgement.finding.status in (Status.FAILED, Status.LUCKY, Status.INCONCLUSIVE)


def has_advice(judgement: Judgement) -> bool:
    """Whether something can be said on how a passed check could be met better."""
    found = judgement.finding
    return found.status is Status.PASSED and found.feedback.next is not None


def note_of(grade: Grade) -> Text | None:
    """What is to be said of the grade as a whole, unless a finding says the same sentence."""
    if grade.note is None:
        return None
    note = grade.note.in_language("en")
    shown = [each.finding.feedback.happened for each in grade.judgements if is_explained(each)]
    said = {happened.in_language("en") for happened in shown if happened is not None}
    return None if note in said else grade.note


def because(grade: Grade, cause: str, checks: int = 1) -> Text:
    """Why a check was skipped, or several were: the claim of the one that explains it."""
    claim = next((each.check.expect for each in grade.judgements if each.check.id == cause), None)
    if claim is None:
        return plural("It depends on another check.", "They depend on another check.", checks)
    return plural("It depends on: {claim}", "They depend on: {claim}", checks, claim=claim)


def isolation_of(trace: Trace) -> str:
    """How the run was shut off, and what by that: the words of docs/isolation.md."""
    isolated = ", ".join(trace.isolated)
    return f"{trace.isolation} ({isolated})" if isolated else trace.isolation


SERVICES_OPEN = say(
    "This machine did not shut off local services from the script, nor the names of files "
    "(docs/isolation.md)."
)
"""What an isolation leaves open that mostly is not."""


NOT_SHUT_OFF = say(
    "With --witness script nothing is shut off from the scripts: they run with all that your "
    "account may do (docs/platforms.md)."
)
"""What is said before a class is graded on the scripts' own word."""


def openness_of(trace: Trace) -> Text | None:
    """What was not shut off from the submission, though it mostly is; None: nothing."""
    if trace.witness is Witness.SCRIPT or "services" in trace.isolated:
        return None  # a self-check shuts nothing off, and says that it is one
    return SERVICES_OPEN


def places_tried(grade: Grade) -> Text | None:
    """At how many places a process or thread was held up; None where it was at none."""
    if grade.places is None or not grade.places.tried:
        return None
    return say(
        "What happens when one process or thread overtakes another was tried "
        "at {tried} of {all} places",
        tried=grade.places.tried,
        all=grade.places.all,
    )


def quoted_line(grade: Grade, place: Location) -> str | None:
    """The line at a place in the submission, without its indentation; None if there is none."""
    for file in grade.submission.files:
        if file.name == place.file:
            lines = file.lines()
            return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else None
    return None
