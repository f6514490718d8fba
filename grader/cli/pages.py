"""The pages of help, made from the table of the options."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.cli.options import FOR_A_CLASS, Option, Section, taken_by
from grader.exit_status import ExitStatus
from grader.messages import Language, Text, say
from grader.messages.wrapping import pad, wrap

CommandName = Literal[
    "grade", "class", "doctor", "new", "show", "lint", "test", "audit", "preview", "schema"
]

_WIDEST, _NARROWEST = 90, 30
_LEFT_AT_MOST = 32
"""A left column wider than this has its explanation below it."""


@dataclass(frozen=True)
class _Page:
    """What a page says besides its options."""

    usage: str
    about: Text
    examples: Sequence[tuple[str, Text]]
    statuses: Sequence[tuple[ExitStatus, Text]]


_WRONG_CALL = (ExitStatus.WRONG_CALL, say("The call or the exercise file is wrong."))

_PAGES: dict[CommandName, _Page] = {
    "grade": _Page(
        "grade [EXERCISE] [SCRIPT]",
        say(
            "Runs your script, watches what its processes really do, and says what is "
            "right, what is not, and why."
        ),
        (
            ("grade", say("List the exercises.")),
            ("grade join", say("Show the task of the exercise “join”.")),
            ("grade join student.py", say("Grade student.py.")),
            ("grade class --help", say("How to grade a whole class.")),
            ("grade doctor", say("What this machine can do, and what it lacks.")),
            ("grade new --help", say("How to write exercises of your own.")),
            ("grade --help-all", say("Every option, and what the exit status means.")),
        ),
        (
            (ExitStatus.PASSED, say("Every check was judged, and passed.")),
            (ExitStatus.NOT_PASSED, say("At least one check did not pass.")),
            _WRONG_CALL,
            (
                ExitStatus.CANNOT_WORK,
                say("The grader could not work, or not everything could be judged."),
            ),
            (ExitStatus.INTERRUPTED, say("Stopped by Control-C; nothing was judged.")),
        ),
    ),
    "class": _Page(
        "grade class EXERCISE SUBMISSIONS...",
        say(
            "Grades everybody's answers: a folder, the zip file of a learning platform, or "
            "scripts. For a whole course, name a folder of exercises. The word “class” may be "
            "left out where SUBMISSIONS is a folder or a zip file."
        ),
        (
            ("grade class join submissions/", say("Grade a whole class.")),
            ("grade class exercises/ class.zip", say("Grade a course, from a zip file.")),
        ),
        (
            (ExitStatus.ALL_GRADED, say("All were graded, whatever came out.")),
            (ExitStatus.NOT_PASSED, say("With --strict: somebody did not pass.")),
            _WRONG_CALL,
            (ExitStatus.CANNOT_WORK, say("Nothing, or not everybody, could be judged.")),
            (ExitStatus.INTERRUPTED, say("Stopped; the same command goes on from there.")),
        ),
    ),
    "doctor": _Page(
        "grade doctor",
        say(
            "Tries what grading needs of this machine, and says what works, what that means, and "
            "what to install."
        ),
        (("grade doctor", say("Examine this machine.")),),
        (
            (ExitStatus.PASSED, say("Scripts can be graded here.")),
            (ExitStatus.CANNOT_WORK, say("Scripts can be self-checked at most.")),
        ),
    ),
    "new": _Page(
        "grade new ID",
        say(
            "Writes the first draft of an exercise: its file, and samples of right and wrong "
            "answers, all of which come out as they must. Make of it what you want."
        ),
        (
            ("grade new two-locks", say("Write two-locks.yaml and two-locks.samples/.")),
            ("grade show two-locks.yaml", say("Read it as a teacher does.")),
            ("grade lint two-locks.yaml", say("Look for what cannot be meant so.")),
            ("grade test two-locks.yaml", say("See whether it catches the mistakes.")),
        ),
        ((ExitStatus.PASSED, say("It was written.")), _WRONG_CALL),
    ),
    "show": _Page(
        "grade show EXERCISE",
        say(
            "Shows an exercise as a teacher reads it: the task, who takes part, and every check "
            "with its points, what it asks for, and its hint."
        ),
        (("grade show join", say("Show the exercise “join”.")),),
        ((ExitStatus.PASSED, say("It was shown.")), _WRONG_CALL),
    ),
    "preview": _Page(
        "grade preview EXERCISE",
        say(
            "Makes a page of an exercise: its task, its checks, and what each sample comes to, "
            "with its timeline. The page is made again whenever you save something."
        ),
        (("grade preview my-exercise.yaml --open", say("Make it, and open it in the browser.")),),
        (
            (ExitStatus.PASSED, say("Control-C ended it.")),
            _WRONG_CALL,
            (ExitStatus.CANNOT_WORK, say("Nothing can be graded on this machine.")),
        ),
    ),
    "schema": _Page(
        "grade schema",
        say(
            "Prints the JSON Schema of exercise files. Editors that know it complete keys and "
            "underline mistakes."
        ),
        (("grade schema > exercise.schema.json", say("Keep it beside your exercises.")),),
        ((ExitStatus.PASSED, say("It was printed.")),),
    ),
    "lint": _Page(
        "grade lint EXERCISES...",
        say(
            "Reads exercise files and says all that is wrong with them, and what in them is hardly "
            "meant so: checks that nobody can pass or fail, texts that are graded and not said."
        ),
        (
            ("grade lint my-exercise.yaml", say("Read one file.")),
            ("grade lint exercises/", say("Read all in a folder.")),
        ),
        (
            (ExitStatus.PASSED, say("There is nothing to say of them.")),
            (ExitStatus.NOT_PASSED, say("There are warnings.")),
            _WRONG_CALL,
        ),
    ),
    "test": _Page(
        "grade test EXERCISES...",
        say(
            "Grades the samples of exercises, right and wrong answers that lie beside them, and "
            "says which come out otherwise than they must."
        ),
        (
            ("grade test my-exercise.yaml", say("Grade the scripts in my-exercise.samples/.")),
            ("grade test exercises/", say("Do so for all exercises in a folder.")),
        ),
        (
            (ExitStatus.PASSED, say("All samples come out as they must.")),
            (ExitStatus.NOT_PASSED, say("Some do not.")),
            _WRONG_CALL,
            (ExitStatus.CANNOT_WORK, say("Nothing can be graded on this machine.")),
        ),
    ),
    "audit": _Page(
        "grade audit EXERCISES...",
        say(
            "Measures how well exercises tell right from wrong: it makes one mistake after the "
            "other in the solution, grades each of these mutants, and says which check kills it."
        ),
        (
            ("grade audit my-exercise.yaml", say("Change my-exercise.samples/solution.py.")),
            (
                "grade audit exercises/ --solution solutions/ --html audit.html",
                say("Audit all, with solutions from another folder, and write a page."),
            ),
        ),
        (
            (ExitStatus.PASSED, say("Every mutant is killed, or marked as equivalent.")),
            (ExitStatus.NOT_PASSED, say("Some are neither, or a mark is out of date.")),
            _WRONG_CALL,
            (ExitStatus.CANNOT_WORK, say("Nothing can be graded on this machine.")),
        ),
    ),
}


def help_page(name: CommandName, language: Language, every_option: bool = False) -> str:
    """The help of a command, as wide as the terminal.

    Args:
        name: of which command.
        language: of the words.
        every_option: not only the options that most people need, and the exit statuses, too.
    """
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    return "\n".join(_lines(name, language, every_option, width))


def _lines(name: CommandName, language: Language, every_option: bool, width: int) -> Iterator[str]:
    page = _PAGES[name]

    def told(text: Text) -> str:
        """A text in the language of the page."""
        return text.in_language(language)

    def rows(pairs: Sequence[tuple[str, Text]]) -> list[str]:
        """The lines of a table of two columns."""
        return _columns([(left, told(right)) for left, right in pairs], width)

    usage = say("Usage: {call} [OPTIONS]", call=page.usage)
    yield from wrap(told(usage), width)
    yield ""
    yield from wrap(told(page.about), width)
    yield ""
    yield from rows(page.examples)
    for section, options in _sections(name, every_option):
        pairs = [(each.shown, each.says) for each in options]
        if section is Section.GENERAL and every_option:
            pairs += [
                ("-h, --help", say("The help that most people need.")),
                ("--version", say("The version of the grader.")),
            ]
        yield from ("", told(say("{heading}:", heading=section.value)), *rows(pairs))
    if every_option or name != "grade":
        statuses = [(f"{status:d}", meaning) for status, meaning in page.statuses]
        yield from ("", told(say("Exit status:")), *rows(statuses))


def _sections(name: CommandName, every_option: bool) -> Iterator[tuple[Section, list[Option]]]:
    taken = taken_by(name)
    if name == "grade" and not every_option:
        yield Section.GENERAL, [each for each in taken if each.everyday]
        return
    shown = (*FOR_A_CLASS, Section.GENERAL) if name == "class" and not every_option else Section
    for section in shown:
        options = [each for each in taken if each.section is section]
        if options:
            yield section, options


def _columns(rows: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Two columns; what is too wide for the left one has the right one below it."""
    left = min(max(len(name) for name, _ in rows), _LEFT_AT_MOST, width * 2 // 5)
    lines = []
    for name, text in rows:
        explained = wrap(text, width - left - 4)
        if len(name) > left:
            lines.append(f"  {name}")
        else:
            lines.append(f"  {pad(name, left)}  {explained.pop(0)}")
        lines += [f"{'':{left + 4}}{line}" for line in explained]
    return lines
