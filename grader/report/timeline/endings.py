"""How each lane ends, in a few words at the right edge, and how much room these take."""

from __future__ import annotations

from dataclasses import dataclass

from grader.messages import Language
from grader.report.escaping import one_line, shortened
from grader.report.narration import Narrator, exit_of, left_in
from grader.report.timeline.shapes import EndKind
from grader.report.timeline.words import width_of
from grader.trace import Process, Role, Trace
from grader.trace.naming import seconds

_CELLS_AT_MOST = 40


@dataclass(frozen=True)
class EndWords:
    """``words`` fit beside the lane; ``title`` is the whole of it."""

    words: str
    title: str


def words_about_end(
    trace: Trace, process: Process, narrator: Narrator, language: Language
) -> EndWords:
    """``exit 0 · 1.02 s``, or what the process was in when the run was over."""
    if process.role in (Role.HELPER, Role.PEER):
        return EndWords("", "")
    left = left_in(trace, process.number, narrator)
    ended_by_itself = process.ended is not None and not process.killed_by_grader
    text = exit_of(process) if left is None or ended_by_itself else left
    title = one_line(text.in_language(language))
    if ended_by_itself and process.ended is not None:
        title += f" · {seconds(process.ended).in_language(language)}"
    return EndWords(shortened(title, _CELLS_AT_MOST), title)


def room_for_ends(narrator: Narrator, language: Language) -> float:
    """The width of the longest of these words in one run, in user units."""
    trace = narrator.trace
    every = (words_about_end(trace, each, narrator, language) for each in trace.processes)
    return max((width_of(each.words) for each in every), default=0.0)


def end_kind(process: Process) -> EndKind:
    """Which sign stands at the end of the bar."""
    if process.ended is None or process.killed_by_grader:
        return "alive"
    if process.signal is not None:
        return "by-signal"
    return "badly" if process.exit_status else "well"
