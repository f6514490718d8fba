"""The report of each submission, as files: one folder an exercise, one page a student."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import quote

from grader.classroom.batch.fingerprint import fingerprint
from grader.classroom.batch.store import Store
from grader.classroom.model import HandIn, Override
from grader.messages import Language, say
from grader.report.escaping import visible
from grader.saving import write_whole

CLASS_PAGE = "index.html"
"""The page on the whole class, in the folder of all reports."""
_LONGEST_BYTES = 120


class ReportFiles:
    """Where each report is; writes those whose file is missing or outdated.

    Args:
        folder: that of all reports.
        hand_ins: all that have one.
        store: where the reports are kept.
        language: of what the teacher's mark adds to them.
    """

    def __init__(
        self, folder: Path, hand_ins: Iterable[HandIn], store: Store, language: Language
    ) -> None:
        every = list(hand_ins)
        self._paths = _paths(folder, every)
        self._following: dict[tuple[str, str], tuple[str, Path]] = {}
        """Whose report of the same exercise comes next, and where it is; none after the last."""
        last: dict[str, HandIn] = {}
        for one in every:
            before = last.get(one.exercise)
            if before is not None:
                after = visible(one.student.name), self._paths[one.student.id, one.exercise]
                self._following[before.student.id, one.exercise] = after
            last[one.exercise] = one
        self._store = store
        self._language: Language = language
        self._written = store.written()

    def write(
        self, hand_in: HandIn, key: str, report: bytes | None, override: Override | None
    ) -> Path | None:
        """The report's path, or None where there is none.

        Args:
            hand_in: whose it is.
            key: the fingerprint of the result.
            report: compressed; None: as it was kept.
            override: the teacher's mark.

        Raises:
            OSError: it cannot be written.
        """
        path = self._paths[hand_in.student.id, hand_in.exercise]
        said = "" if override is None else f"{override.score} {override.reason}"
        following = self._following.get((hand_in.student.id, hand_in.exercise))
        said += "" if following is None else f" {following[0]}"
        stamp, place = fingerprint(key, said), str(path.resolve())
        if self._written.get(place) == stamp and path.is_file():
            return path
        packed = report if report is not None else self._store.report(key)
        if packed is None:
            return None
        page = zlib.decompress(packed).decode("utf-8")
        if override is not None:
            page = with_override(page, override, self._language)
        write_whole(path, _of_class(page, hand_in, following, self._language))
        self._store.note_written(place, stamp)
        self._written[place] = stamp
        return path


def _of_class(
    page: str, hand_in: HandIn, following: tuple[str, Path] | None, language: Language
) -> str:
    """A report that says whose it is, and leads to the class and to the next one."""
    links = [(f"../{CLASS_PAGE}", say("the whole class"))]
    if following is not None:
        links.append((quote(following[1].name), say("next: {name}", name=following[0])))
    anchors = " · ".join(
        f'<a href="{escape(place)}">{escape(text.in_language(language))}</a>'
        for place, text in links
    )
    name = escape(visible(hand_in.student.name))
    head = f'<nav class="of-class"><strong><bdi>{name}</bdi></strong> · {anchors}</nav>\n'
    return page.replace("<header>", f"<header>\n{head}", 1)


def as_handed_back(page: bytes) -> bytes:
    """A written report without the links of the class: the student has no other of its pages, and
    they name somebody else.
    """
    return re.sub(rb'<nav class="of-class">.*</nav>\n', b"", page, count=1)


def _paths(folder: Path, hand_ins: Iterable[HandIn]) -> dict[tuple[str, str], Path]:
    """The report of each student and exercise; no two are the same file."""
    paths: dict[tuple[str, str], Path] = {}
    taken: set[str] = set()
    for one in hand_ins:
        path = folder / one.exercise / f"{_file_name(one)}.html"
        if str(path).lower() in taken:
            path = path.with_name(f"{path.stem}-{_digest(one)}.html")
        taken.add(str(path).lower())
        paths[one.student.id, one.exercise] = path
    return paths


def _file_name(hand_in: HandIn) -> str:
    """The student's name, and what distinguishes it from others, as a file may be called."""
    student = hand_in.student
    text = student.name if student.name == student.id else f"{student.name}_{student.id}"
    safe = re.sub(r"[^\w.-]+", "_", text).strip("._") or _digest(hand_in)
    if len(safe.encode()) > _LONGEST_BYTES:
        safe = f"{safe.encode()[:_LONGEST_BYTES].decode(errors='ignore')}-{_digest(hand_in)}"
    return safe


def _digest(hand_in: HandIn) -> str:
    return sha256(hand_in.student.id.encode()).hexdigest()[:16]


def with_override(page: str, override: Override, language: Language) -> str:
    """A report that says, in its head, what the teacher decided, and is the same otherwise."""
    sentence = say(
        "Your teacher set the mark to {score} points by hand. {reason}",
        score=f"{override.score:g}",
        reason=override.reason,
    )
    note = f'<p class="note">{escape(sentence.in_language(language).strip())}</p>\n'
    return page.replace("</header>", f"{note}</header>", 1)
