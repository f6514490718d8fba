"""Each student's report as the platform takes it back: under its own names, packed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader.classroom.batch.config import BatchConfig
from grader.classroom.batch.reports import as_handed_back
from grader.classroom.batch.summary import Summary
from grader.classroom.discover.platforms import platform_called
from grader.classroom.model import ClassResults
from grader.classroom.outputs import Output, OutputOptions
from grader.messages import say
from grader.saving import write_zip


@dataclass(frozen=True, slots=True)
class Download:
    """What is given back to one assignment. ``name`` is what its download was called, if there
    were several.
    """

    name: str
    reports: tuple[tuple[str, Path], ...]
    """What each report is called in the zip file, and where it is now."""


def downloads(results: ClassResults) -> tuple[Download, ...]:
    """The reports of a class by the downloads that the submissions came in.

    There is none where they came from no platform that takes reports back.
    """
    platform = platform_called(results.platform)
    if platform is None or platform.feedback is None:
        return ()
    grouped: dict[str, list[tuple[str, Path]]] = {}
    for result in results.results:
        if result.report is not None and result.place:
            around, name = platform.feedback(result)
            grouped.setdefault("-".join(around), []).append((name, result.report))
    return tuple(Download(around, tuple(reports)) for around, reports in sorted(grouped.items()))


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
        write_zip(
            path, ((name, as_handed_back(report.read_bytes())) for name, report in download.reports)
        )
        yield path


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    if not options.feedback:
        return []
    written = list(write_feedback(results, config.reports))
    if not written:
        Summary(Console(), config.language).say(
            say("There is no feedback for Moodle: the submissions do not come from there.")
        )
    return written


OUTPUT = Output(5, _write)
