"""Times as people and platforms write them."""

from __future__ import annotations

import re
from datetime import datetime, timezone


def time_of(text: str | None) -> datetime | None:
    """A time in one of the usual spellings, in this machine's zone where it names none.

    None where it is no time, or one that no clock here can show.
    """
    text = (text or "").strip()[:60]
    try:
        moment = _read(text)
        if moment is not None:
            moment.astimezone(timezone.utc)  # it can be compared with every other one
        return moment and moment.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def _read(text: str) -> datetime | None:
    """
    Raises:
        ValueError: there is no such day or time.
    """
    plain = re.sub(r" ?(?:Z|UTC)$", "+00:00", re.sub(r"(\.\d{6})\d+", r"\1", text))
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        digits = re.sub(r"[^0-9]", "", text)[:14]
    if len(digits) not in (8, 12, 14):
        return None
    return datetime.strptime(digits, "%Y%m%d%H%M%S"[: len(digits) - 2])
