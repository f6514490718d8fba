"""Says what this machine can do, what that means for grading, and what to install."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say
from grader.messages.wrapping import pad, wrap
from grader.trace.naming import verbatim

if TYPE_CHECKING:
    from grader.supervisor.machine import Machine

State = Literal["works", "missing", "fails"]
"""``missing``: scripts can be graded without it. ``fails``: they cannot."""
_ICONS: dict[State, str] = {"works": "✔", "missing": "–", "fails": "✘"}
_WIDEST, _NARROWEST = 88, 30
_SCRIPT = b"print('hello')\n"


@dataclass(frozen=True)
class Row:
    """One thing that was tried: its name, how it went, what that means and what to do."""

    name: str
    state: State
    meaning: Text


def examine_machine(language: Language, place: Path | None) -> ExitStatus:
    """Try what grading needs, and say what came out.

    Args:
        language: of what is said.
        place: where the result goes as JSON, if it is wanted.

    Raises:
        UserError: the processor is an unknown one, or the JSON cannot be written.
    """
    if sys.platform == "linux":
        machine = _examined()
        rows, can_grade = [*rows_of(machine)], machine.can_grade
    else:
        rows, can_grade = [_another_system()], False
    rows += [trial := self_check(), _locale()]
    can_self_check = trial.state == "works"
    for line in _lines(rows, language):
        click.echo(line)
    if can_grade:
        verdict = say("Scripts can be graded here.")
    elif can_self_check:
        verdict = say(
            "Scripts can be self-checked here, and not graded. What is marked with ✘ says why."
        )
    else:
        verdict = say("Nothing can be graded here. What is marked with ✘ says why.")
    click.echo()
    click.echo(verdict.in_language(language))
    if place is not None:
        result = {"version": 1, "can_grade": can_grade, "can_self_check": can_self_check}
        _save(result, rows, place, language)
    return ExitStatus.PASSED if can_grade else ExitStatus.CANNOT_WORK


def _examined() -> Machine:
    """
    Raises:
        UserError: the processor is an unknown one.
    """
    from grader.plan import CannotSuperviseError
    from grader.supervisor.machine import examine  # which no other system can load

    try:
        return examine()
    except CannotSuperviseError as error:
        raise UserError(error.reason, ExitStatus.CANNOT_WORK) from error


def _another_system() -> Row:
    return Row(
        "kernel",
        "fails",
        say(
            "This is {system}: only on Linux can the kernel be asked what processes do. On "
            "Windows, WSL2 will do; elsewhere, any Linux machine or virtual machine.",
            system=sys.platform,
        ),
    )


def self_check() -> Row:
    """Whether a script can be run that says itself what it does."""
    from grader.limits import Limits
    from grader.plan import CannotSuperviseError, Plan
    from grader.selfcheck import observe
    from grader.submission import SourceFile, Submission
    from grader.trace import Outcome, StartMethod

    script = SourceFile("hello.py", _SCRIPT)
    plan = Plan(
        Submission(Path(script.name), (script,)),
        Limits(),
        clock="real",
        start_method=StartMethod.SPAWN,
    )
    try:
        trace = observe(plan)
    except CannotSuperviseError as error:
        return Row("self-check", "fails", error.reason)
    if trace.doubts or trace.outcome is not Outcome.FINISHED:
        problem = "; ".join((trace.outcome.value, *trace.doubts))
        return Row("self-check", "fails", verbatim(problem))
    return Row(
        "self-check",
        "works",
        say("A script was run that said itself what it did (--witness script)."),
    )


def rows_of(machine: Machine) -> Iterator[Row]:
    """What is said of a machine, the most important first."""
    yield _needed("ptrace", machine.ptrace, say("The grader sees what the processes do."))
    yield _needed("seccomp", machine.seccomp, say("It stops them at a few system calls only."))
    yield from _isolation(machine)
    for path, trial in machine.pythons.items():
        problem = trial.problem
        if problem is None:
            meaning = say("{version} runs scripts: {path}", version=trial.python, path=str(path))
            yield Row("Python", "works", meaning)
        else:
            state: State = "missing" if machine.can_grade else "fails"
            yield Row("Python", state, _of_python(path, problem, machine))
    if machine.too_old:
        meaning = say(
            "Too old to run scripts, which takes 3.10 or newer: {versions}.",
            versions=", ".join(machine.too_old),
        )
        yield Row("Python", "missing", meaning)
    if machine.chromium is None:
        yield Row(
            "Chromium",
            "missing",
            say(
                "Not found. Grading does not need it; only the grader's own tests of the report "
                "do. Install the package chromium for them."
            ),
        )
    else:
        meaning = say("{version}, for the grader's own tests.", version=machine.chromium)
        yield Row("Chromium", "works", meaning)


def _needed(name: str, refusal: str | None, meaning: Text) -> Row:
    if refusal is None:
        return Row(name, "works", meaning)
    return Row(
        name,
        "fails",
        say(
            "Refused: {reason}. Without it scripts are only self-checked. In Docker, start the "
            "container with --cap-add=SYS_PTRACE; on a hardened machine, set "
            "kernel.yama.ptrace_scope to 1 or less.",
            reason=refusal,
        ),
    )


def _isolation(machine: Machine) -> Iterator[Row]:
    if machine.namespaces:
        yield Row("namespaces", "works", say("Each script has a network of its own."))
    else:
        yield Row(
            "namespaces",
            "missing",
            say(
                "Refused. Scripts share the machine's network, and take turns at its ports. To "
                "have it, allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, or "
                "kernel.apparmor_restrict_unprivileged_userns=0."
            ),
        )
    if machine.mounts:
        meaning = say("Without bubblewrap, too, a script has a file system of its own.")
        yield Row("file system", "works", meaning)
    else:
        yield Row(
            "file system",
            "missing",
            say(
                "Refused. Without bubblewrap a script sees the names of all files, and reaches "
                "local services by their sockets (docker, ssh-agent, the session bus). Root must "
                "name --isolation basic to grade like that; an ordinary user should own nothing."
            ),
        )
    bwrap, basic = machine.isolations["bwrap"], machine.isolations["basic"]
    if bwrap.problem is None:
        yield Row("bubblewrap", "works", say("A script was run, shut off by bubblewrap."))
    else:
        problem = bwrap.problem
        if machine.ptrace is not None and _is_same(problem, basic.problem):
            problem = say("For the same reason as {name}.", name="ptrace")
        yield Row("bubblewrap", "missing" if machine.can_grade else "fails", problem)
    if machine.landlock:
        meaning = say("Without bubblewrap, too, a script opens only what it needs.")
        yield Row("Landlock", "works", meaning)
    else:
        yield Row(
            "Landlock",
            "missing",
            say(
                "The kernel has none (it came with Linux 5.13), or has it switched off. Without "
                "bubblewrap a script can read every file that you can: install bubblewrap."
            ),
        )
    if basic.problem is None:
        yield Row("basic", "works", say("A script was run without bubblewrap."))
    else:
        problem = basic.problem
        if _is_same(problem, bwrap.problem):
            name = "bubblewrap" if machine.ptrace is None else "ptrace"
            problem = say("For the same reason as {name}.", name=name)
        yield Row("basic", "missing" if machine.can_grade else "fails", problem)


def _of_python(path: Path, problem: Text, machine: Machine) -> Text:
    """Which Python cannot be used, and why; what was said of an isolation is not said again."""
    for isolation, trial in machine.isolations.items():
        if _is_same(problem, trial.problem):
            name: str = "bubblewrap" if isolation == "bwrap" else isolation
            name = name if machine.ptrace is None else "ptrace"
            return say(
                "{path} runs no scripts, for the same reason as {name}.", path=str(path), name=name
            )
    return say("{path} runs no scripts: {problem}", path=str(path), problem=problem)


def _is_same(problem: Text, other: Text | None) -> bool:
    return other is not None and problem.in_language("en") == other.in_language("en")


def _locale() -> Row:
    name = sys.stdout.encoding or "ASCII"
    if name.lower().replace("-", "") == "utf8":
        return Row("locale", "works", say("{name}: Chinese can be shown.", name=name))
    return Row(
        "locale",
        "missing",
        say(
            "{name}: the terminal knows no Chinese. Reports do; for the terminal, set "
            "LANG=C.UTF-8 or another locale of UTF-8.",
            name=name,
        ),
    )


def _lines(rows: list[Row], language: Language) -> Iterator[str]:
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))
    left = max(len(row.name) for row in rows)
    indent = left + len("✔   ")
    for row in rows:
        first, *more = wrap(row.meaning.in_language(language), width - indent)
        yield f"{_ICONS[row.state]} {pad(row.name, left)}  {first}"
        for line in more:
            yield " " * indent + line


def _save(result: Mapping[str, object], rows: list[Row], place: Path, language: Language) -> None:
    """
    Raises:
        UserError: it cannot be written.
    """
    from grader.saving import write_whole

    tried = [
        {"name": row.name, "state": row.state, "meaning": row.meaning.in_language(language)}
        for row in rows
    ]
    whole = json.dumps({**result, "tried": tried}, ensure_ascii=False, indent=1)
    try:
        write_whole(place, whole + "\n")
    except OSError as error:
        raise UserError(
            say("{path} cannot be written: {reason}.", path=str(place), reason=str(error.strerror)),
            ExitStatus.CANNOT_WORK,
        ) from error
