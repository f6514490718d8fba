"""Says what this machine can do, what that means for grading, and what to install."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from grader.cli.arguments import require_linux
from grader.exit_status import ExitStatus, UserError
from grader.messages import Language, Text, say
from grader.messages.wrapping import pad, wrap

if TYPE_CHECKING:
    from grader.supervisor.machine import Machine

State = Literal["works", "missing", "fails"]
"""``missing``: scripts can be graded without it. ``fails``: they cannot."""
_ICONS: dict[State, str] = {"works": "✔", "missing": "–", "fails": "✘"}
_WIDEST, _NARROWEST = 88, 30


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
        UserError: this is no Linux, or the JSON cannot be written.
    """
    require_linux()
    from grader.plan import CannotSuperviseError
    from grader.supervisor.machine import examine

    try:
        machine = examine()
    except CannotSuperviseError as error:
        raise UserError(error.reason, ExitStatus.CANNOT_WORK) from error
    rows = list(rows_of(machine))
    for line in _lines(rows, language):
        click.echo(line)
    if machine.can_grade:
        verdict = say("Scripts can be graded here.")
    else:
        verdict = say("Nothing can be graded here. What is marked with ✘ says why.")
    click.echo()
    click.echo(verdict.in_language(language))
    if place is not None:
        _save(machine, rows, place, language)
    return ExitStatus.PASSED if machine.can_grade else ExitStatus.CANNOT_WORK


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
            yield Row("Python", state, problem)
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
    yield _locale()


def _needed(name: str, refusal: str | None, meaning: Text) -> Row:
    if refusal is None:
        return Row(name, "works", meaning)
    return Row(
        name,
        "fails",
        say(
            "Refused: {reason}. Without it nothing can be graded. In Docker, start the container "
            "with --cap-add=SYS_PTRACE; on a hardened machine, set kernel.yama.ptrace_scope to 1 "
            "or less.",
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
        yield Row("bubblewrap", "missing" if machine.can_grade else "fails", bwrap.problem)
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
        yield Row("basic", "missing" if machine.can_grade else "fails", basic.problem)


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


def _save(machine: Machine, rows: list[Row], place: Path, language: Language) -> None:
    """
    Raises:
        UserError: it cannot be written.
    """
    from grader.saving import write_whole

    tried = [
        {"name": row.name, "state": row.state, "meaning": row.meaning.in_language(language)}
        for row in rows
    ]
    result = {"version": 1, "can_grade": machine.can_grade, "tried": tried}
    try:
        write_whole(place, json.dumps(result, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise UserError(
            say("{path} cannot be written: {reason}.", path=str(place), reason=str(error.strerror)),
            ExitStatus.CANNOT_WORK,
        ) from error
