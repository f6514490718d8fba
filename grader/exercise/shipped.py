"""The exercises that the grader ships with."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import yaml

from grader.exercise.wording import listed
from grader.exit_status import UserError
from grader.messages import say

_PACKAGE = Path(__file__).parent.parent


def shipped_exercises(package: Path = _PACKAGE) -> dict[str, Path]:
    """The shipped exercise files by name, in the order of the course.

    They are inside the package when it was installed from a wheel, and beside it in a checkout.
    """
    for folder in (package / "exercises", package.parent / "exercises"):
        files = {file.stem: file for file in folder.glob("*.yaml")}
        if files:
            course = files.pop("course", None)
            entries = yaml.safe_load(course.read_bytes())["exercises"] if course else []
            names = dict.fromkeys([*(Path(each["file"]).stem for each in entries), *sorted(files)])
            return {name: files[name] for name in names if name in files}
    return {}


def is_shipped(spec: str, package: Path = _PACKAGE) -> bool:
    """Whether ``spec`` is the name of a shipped exercise, and no folder of that name has exercises
    of its own.
    """
    if "/" in spec or spec not in shipped_exercises(package):
        return False
    return not any(Path(spec).glob("*.y*ml"))


def find_exercise(spec: str, package: Path = _PACKAGE) -> Path:
    """The file that a person means by ``spec``: a path, or the name of a shipped exercise.

    What ends in ``.yaml`` or ``.yml``, has a slash, or is a file, is a path (which may not
    exist: `load_exercise` says so).

    Raises:
        UserError: no exercise has that name. It lists those that there are.
    """
    path = Path(spec)
    if "/" in spec or path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    shipped = shipped_exercises(package)
    if spec in shipped:
        return shipped[spec]
    if not shipped:
        raise UserError(
            say("There is no exercise {name}: this installation has none at all.", name=spec)
        )
    meant = get_close_matches(spec.strip().lower().replace("_", "-"), shipped, 1)
    if not meant:
        unknown = say(
            "There is no exercise {name}. There are: {names}.", name=spec, names=listed(shipped)
        )
    else:
        unknown = say(
            "There is no exercise {name}. Did you mean {other}? There are: {names}.",
            name=spec,
            other=meant[0],
            names=listed(shipped),
        )
    raise UserError(unknown)
