"""Everybody's report as Moodle takes it back: its own folder names, the report inside."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.classroom.model import ClassResults, Result

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same reports make the same zip file."""


@dataclass(frozen=True, slots=True)
class Download:
    """What is given back to one assignment. ``name`` is what its download was called, if there
    were several.
    """

    name: str
    reports: tuple[tuple[str, Path], ...]
    """What each report is called in the zip file, and where it is now."""


def downloads(results: ClassResults) -> tuple[Download, ...]:
    """The reports of a class that Moodle's files were downloaded for, an assignment each.

    There is none where the class did not come from Moodle.
    """
    if results.platform != "moodle":
        return ()
    grouped: dict[str, list[tuple[str, Path]]] = {}
    for result in results.results:
        if result.report is not None and result.place:
            around, name = _names(result)
            grouped.setdefault(around, []).append((name, result.report))
    return tuple(Download(around, tuple(reports)) for around, reports in sorted(grouped.items()))


def _names(result: Result) -> tuple[str, str]:
    """The folders around a student's own, and the report's name in the zip file."""
    parts = PurePosixPath(result.file).parts
    for position, part in enumerate(parts):
        if part == result.place:
            around, is_folder = parts[:position], True
            break
        if part.startswith(f"{result.place}_"):
            around, is_folder = parts[:position], False
            break
    else:
        around, is_folder = (), True
    joint = "/" if is_folder else "_"
    return "-".join(around), f"{result.place}{joint}{result.exercise}.html"


def write_feedback(results: ClassResults, folder: Path) -> Iterator[Path]:
    """Write ``feedback.zip``, or one a download; the paths.

    Raises:
        OSError: there is no room, or no right to.
    """
    found = downloads(results)
    for download in found:
        name = "feedback.zip"
        if len(found) > 1:
            stem = re.sub(r"[^\w-]+", "-", download.name.removesuffix(".zip")).strip("-")
            name = f"feedback-{stem or 'rest'}.zip"
        path = folder / name
        _write(path, download.reports)
        yield path


def _write(path: Path, reports: Iterable[tuple[str, Path]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            for name, report in reports:
                entry = zipfile.ZipInfo(name, _LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, report.read_bytes())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
