"""What a call of the command names: the script, the interpreter, the event order.

What costs time to import is imported where it is needed, so that a wrong call is answered at once.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from grader.exit_status import ExitStatus, UserError
from grader.messages import say

if TYPE_CHECKING:
    from grader.options import Options, WitnessWish
    from grader.schedules import Schedule
    from grader.submission import Submission
    from grader.trace import Trace

_LARGEST_SCRIPT = 1_000_000


def require_linux() -> None:
    """The kernel can be the witness nowhere else, and a class can be graded nowhere else.

    Raises:
        UserError: this is another system.
    """
    if sys.platform != "linux":
        raise UserError(
            say(
                "Grading needs Linux, and this is {system}. A single script can be self-checked "
                "here: grade EXERCISE SCRIPT. For marks, WSL2 will do on Windows; elsewhere, any "
                "Linux machine or virtual machine.",
                system=sys.platform,
            ),
            ExitStatus.CANNOT_WORK,
        )


def read_script(path: Path) -> Submission:
    """The script at that path, with the modules beside it.

    Raises:
        UserError: there is no such script.
    """
    from grader.submission import NotItsOwnError, TooLargeError, read_submission

    try:
        if path.exists() and not path.is_dir() and not path.is_file():
            raise UserError(say("{path} is not a regular file.", path=str(path)))
        if path.is_file() and path.stat().st_size > _LARGEST_SCRIPT:
            raise UserError(
                say("{path} is larger than 1 MB, too large for a script.", path=str(path))
            )
        return read_submission(path)
    except NotItsOwnError as error:
        raise UserError(
            say(
                "The module {name} beside {path} is a link to somewhere else: links are not "
                "followed.",
                name=str(error),
                path=str(path),
            )
        ) from error
    except TooLargeError as error:
        raise UserError(
            say(
                "{path} and its modules are larger than 5 MB, too large for a script.",
                path=str(path),
            )
        ) from error
    except FileNotFoundError as error:
        raise UserError(say("There is no file {path}.", path=str(path))) from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise UserError(
            say("{path} is a folder: name the script itself.", path=str(path))
        ) from error
    except PermissionError as error:
        raise UserError(
            say("{path} may not be read: look at its permissions.", path=str(path))
        ) from error
    except OSError as error:
        raise UserError(
            say("{path} cannot be read: {reason}.", path=str(path), reason=str(error.strerror))
        ) from error


def options_of(
    schedules: int | None,
    seed: int,
    replay: str | None,
    clock: Literal["virtual", "real"] | None,
    python: str | None,
    isolation: Literal["auto", "bwrap", "basic"],
    witness: WitnessWish,
) -> Options:
    """How the call wants it graded.

    Raises:
        UserError: there is no such event order, or no such Python; or the script's own word is
            wanted together with what it cannot be had with.
    """
    from grader.options import Options
    from grader.schedules import ScheduleError, parse_schedule

    if witness == "script":
        _require_nothing_of_the_kernel(clock, isolation)
    try:
        order = None if replay is None else parse_schedule(replay)
    except ScheduleError as error:
        raise UserError(say("--replay: {problem}", problem=str(error))) from error
    return Options(
        clock=clock,
        python=interpreter_of(python),
        schedules=schedules,
        seed=seed,
        replay=order,
        at_once=processors(),
        isolation=isolation,
        witness=witness,
    )


def _require_nothing_of_the_kernel(
    clock: Literal["virtual", "real"] | None, isolation: Literal["auto", "bwrap", "basic"]
) -> None:
    """
    Raises:
        UserError: something is asked for that only a run by the kernel has.
    """
    if isolation != "auto":
        raise UserError(
            say(
                "--witness script and --isolation {isolation} cannot be had together: on its own "
                "word a script runs unwatched, and nothing is shut off from it. Leave one of them "
                "out.",
                isolation=isolation,
            )
        )
    if clock == "virtual":
        raise UserError(
            say(
                "--witness script and --clock virtual cannot be had together: only the kernel can "
                "give a script a clock of its own. Leave one of them out."
            )
        )


def interpreter_of(python: str | None) -> Path | None:
    """The submission's interpreter; None: the grader's own.

    Raises:
        UserError: there is no such Python.
    """
    if python is None:
        return None
    interpreter = shutil.which(os.path.expanduser(python))
    if interpreter is None:
        if not _is_absent(Path(os.path.expanduser(python))):
            raise UserError(
                say(
                    "{name} for --python may not be executed: look at the permissions of it and "
                    "of the folders that it is in.",
                    name=python,
                )
            )
        raise UserError(say("There is no program {name} for --python.", name=python))
    return Path(interpreter).absolute()


def _is_absent(program: Path) -> bool:
    """Whether a program that was not found is really not there."""
    try:
        return not stat.S_ISREG(program.stat().st_mode)
    except PermissionError:
        return False
    except OSError:
        return True


def processors() -> int:
    """How many may be used."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def require_named(order: Schedule, natural: Trace) -> None:
    """Every process that an event order names takes part in the run.

    Raises:
        UserError: the event order names a process that the run does not have.
    """
    from grader.trace.questions import labelled_threads, labels

    threads = labelled_threads(natural)
    known = {"workers", *labels(natural).values(), *threads, *(["threads"] if threads else [])}
    known |= {each.name for each in natural.processes if each.role.value == "peer" and each.name}
    for who in order.named:
        if who not in known:
            raise UserError(
                say(
                    "--replay: there is no process {who}. This run has: {names}.",
                    who=who,
                    names=", ".join(sorted(known - {"workers", "threads"})),
                )
            )
