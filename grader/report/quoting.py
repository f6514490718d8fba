"""The student's own lines, numbered as Python numbers them."""

from __future__ import annotations

from grader.grading import Grade
from grader.submission import SourceFile
from grader.trace import Location


def read_lines(file: SourceFile) -> list[str]:
    """The file's lines as Python reads them; as UTF-8 with U+FFFD where Python would refuse."""
    try:
        text = file.text()
    except (SyntaxError, UnicodeError, LookupError):
        text = file.content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def quoted_line(grade: Grade, place: Location) -> str | None:
    """The line at a place in the submission, without its indentation; None if there is none."""
    for file in grade.submission.files:
        if file.name == place.file:
            lines = read_lines(file)
            return lines[place.line - 1].strip() if 0 < place.line <= len(lines) else None
    return None
