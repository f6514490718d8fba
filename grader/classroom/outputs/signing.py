"""Whether a page that was written says what it would say if it were made again.

The last line of a page is a comment: the hash of what it was made of, and that of the page itself.
So whatever was cut off, changed by hand or made by another grader is made again.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def signed(page: str, made_of: str) -> str:
    """The page with its signature. ``made_of`` is the hash of all that it depends on."""
    return f"{page}\n{_signature(page, made_of)}\n"


def is_signed(path: Path, made_of: str) -> bool:
    """The file is whole, and was made of the same."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    page, _, signature = text.removesuffix("\n").rpartition("\n")
    return signature == _signature(page, made_of)


def _signature(page: str, made_of: str) -> str:
    digest = sha256(page.encode("utf-8", "backslashreplace")).hexdigest()
    return f"<!-- {made_of} {digest} -->"
