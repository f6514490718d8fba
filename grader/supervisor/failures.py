"""Why nothing could be run, as the supervisor process finds it and as a person is told."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import traceback

from grader.limits import RUN_DEADLINE_S
from grader.messages import Text, say
from grader.sandbox import CannotIsolateError, NoTerminalError, NotStartedError

_REFUSALS = frozenset({errno.EACCES, errno.EPERM, errno.ENOSYS, errno.EIO, errno.EINVAL})
_SHORTAGES = frozenset(
    {
        errno.EAGAIN,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EMFILE,
        errno.ENFILE,
        errno.EROFS,
    }
)

OLDEST_PYTHON = (3, 10)
_PATIENCE_S = 10

NO_BUBBLEWRAP = "no-bubblewrap"
NOT_SET_UP = "not-set-up"
REFUSED = "refused"


class NotReadyError(Exception):
    """The interpreter never came to the submission; the text is what it said."""


def describe(error: BaseException) -> bytes:
    """The failure in a form that `explain` understands."""
    kind, text = "broken", "".join(traceback.format_exception(error))
    if isinstance(error, NotReadyError):
        kind, text = "not-ready", str(error)
    elif isinstance(error, CannotIsolateError):
        kind, text = NO_BUBBLEWRAP, str(error)
    elif isinstance(error, NoTerminalError):
        kind, text = "no-terminal", str(error)
    elif isinstance(error, NotStartedError) and error.stage == "execute":
        kind, text = "not-executed", str(error)
    elif isinstance(error, OSError) and error.errno in _REFUSALS:
        kind, text = REFUSED, str(error)
    elif isinstance(error, OSError) and error.errno in _SHORTAGES:
        kind, text = "shortage", str(error)
    return f"{kind}\n{json.dumps(text)}".encode()


def explain(kind: str, text: str, interpreter: str) -> Text | None:
    """What to tell a person; None for a fault of the grader's own."""
    if kind == REFUSED:
        return say(
            "The kernel or the container does not allow ptrace or seccomp here ({error}). "
            "In Docker, start the container with --cap-add=SYS_PTRACE; on a hardened machine, "
            "set kernel.yama.ptrace_scope to 1 or less. Without them there is --witness script: "
            "the script says itself what it does, a self-check with nothing shut off from it.",
            error=text,
        )
    if kind == NO_BUBBLEWRAP:
        return explain_no_bubblewrap(text)
    if kind == "no-terminal":
        return say(
            "No pseudo-terminal is available here ({error}). A container needs /dev/pts: mount -t "
            "devpts devpts /dev/pts",
            error=text,
        )
    if kind == "shortage":
        return say(
            "This machine has run out of something that grading needs: {error}. Free some "
            "(processes, open files, memory, the temporary folder) and grade it again.",
            error=text,
        )
    if kind == NOT_SET_UP:
        return say(
            "The submission could not be set up: this machine did not get that far in "
            "{seconds} s. Grade it again when the machine is less busy.",
            seconds=round(RUN_DEADLINE_S),
        )
    if kind == "not-executed":
        return say(
            "The Python interpreter {path} could not be started: {error}. "
            "Name another one with --python.",
            path=interpreter,
            error=text,
        )
    if kind == "not-ready":
        return _not_ready(text, interpreter)
    return None


def explain_no_bubblewrap(reason: str) -> Text:
    """What a person reads where bubblewrap was asked for and does not work."""
    return say(
        "Bubblewrap cannot isolate the submission here ({reason}). Install it (package "
        "bubblewrap) and allow user namespaces, or choose --isolation basic.",
        reason=reason,
    )


def explain_too_open(reason: str) -> Text:
    """What to tell root where neither bubblewrap nor a file system of a run's own is to be had."""
    return say(
        "You grade as root, and this machine gives a script no file system of its own: neither by "
        "bubblewrap ({reason}) nor by namespaces. It could reach local services, which do for root "
        "whatever they are asked. Grade as an ordinary user, allow namespaces, or choose "
        "--isolation basic all the same.",
        reason=reason,
    )


def _version(interpreter: str) -> str | None:
    """Which Python it says that it is, or None if it is none."""
    question = "import sys; print(sys.version.split()[0])"
    try:
        answer = subprocess.run(
            [interpreter, "-I", "-c", question],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = answer.stdout.strip()
    return version if re.fullmatch(r"\d+\.\d+\.\S{1,20}", version) else None


def _no_python(text: str, program: str) -> Text:
    """``text`` is what the program said when it was given the script."""
    if not text:
        return say(
            "{path} does not seem to be a Python: it does not tell its version. Name CPython 3.10 "
            "or later with --python.",
            path=program,
        )
    return say(
        "{path} does not seem to be a Python: it does not tell its version. Name CPython 3.10 or "
        "later with --python. Given the script, it said: {words}",
        path=program,
        words=text,
    )


def _not_ready(text: str, interpreter: str) -> Text:
    version = _version(interpreter)
    if version is None:
        return _no_python(text, interpreter)
    if tuple(map(int, version.split(".")[:2])) < OLDEST_PYTHON:
        return say(
            "{path} is Python {version}, and that is too old. It must be CPython 3.10 or later: "
            "name another one with --python.",
            path=interpreter,
            version=version,
        )
    if not text:
        return say(
            "The Python interpreter {path} did not come to the submission. It must be "
            "CPython 3.10 or later: name another one with --python.",
            path=interpreter,
        )
    return say(
        "The Python interpreter {path} did not come to the submission. It must be "
        "CPython 3.10 or later: name another one with --python. It said: {words}",
        path=interpreter,
        words=text,
    )
