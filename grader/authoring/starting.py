"""A first draft of an exercise: a file, its samples, and the schema that editors use."""

from __future__ import annotations

from pathlib import Path

from grader.authoring.samples import samples_folder
from grader.authoring.schema import SCHEMA, schema_text
from grader.exercise.values import IDENTIFIER
from grader.exit_status import UserError
from grader.messages import say
from grader.saving import write_whole

_TEMPLATES = Path(__file__).parent / "templates"
_SUFFIX = ".txt"
"""Of the scripts there: they are none of the grader's own."""
_ID = "id: ID\n"

TEMPLATES = tuple(sorted(each.parent.name for each in _TEMPLATES.glob("*/exercise.yaml")))
"""What a draft can be about."""


def start_exercise(name: str, template: str) -> list[Path]:
    """Write an exercise that passes `grade lint` and `grade test`, to be made another.

    Args:
        name: its id, or the path of its file, with or without ``.yaml``.
        template: one of `TEMPLATES`.

    Returns:
        What was written, the exercise first.

    Raises:
        UserError: that is no id, something of it is there already, or it cannot be written.
    """
    file = Path(name if name.endswith(".yaml") else f"{name}.yaml")
    if not IDENTIFIER.fullmatch(file.stem):
        raise UserError(
            say(
                "“{name}” cannot be the id of an exercise: it has small letters a to z, digits and "
                "-, and begins with a letter, such as start-two.",
                name=file.stem,
            )
        )
    folder = samples_folder(file)
    source = _TEMPLATES / template
    exercise = (source / "exercise.yaml").read_text("utf-8")
    texts = {file: exercise.replace(_ID, f"id: {file.stem}\n")}
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.name != "exercise.yaml":
            below = path.relative_to(source).as_posix().removesuffix(_SUFFIX)
            texts[folder / below] = path.read_text("utf-8")
    for place in (file, folder):
        if place.exists():
            raise UserError(say("{path} is there already: choose another id.", path=str(place)))
    schema = file.with_name(SCHEMA)
    if not schema.exists():
        texts[schema] = schema_text()
    try:
        for path, text in texts.items():
            write_whole(path, text)
    except OSError as error:
        problem = say(
            "{path} cannot be written: {reason}.",
            path=str(path),
            reason=str(error.strerror),
        )
        raise UserError(problem) from error
    return list(texts)
