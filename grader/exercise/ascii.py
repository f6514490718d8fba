"""What is meant by characters of other keyboards: in ASCII."""

from __future__ import annotations

import re
import unicodedata

_MEANT = {"　": " ", "。": ".", "“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]"}
"""What is meant by those that Unicode itself does not take for the same; a text stays one."""
DASHES = "－—–"
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\s*[A-Za-z]*")


def meant_number(written: str) -> str | None:
    """The number, with its unit if it has one, that is meant by one in other characters:
    ``1.5s`` for ``1,5s`` and for ``１。５ｓ``. None where it is no such number.
    """
    plain = in_ascii(written)
    meant = plain if _NUMBER.fullmatch(plain) else plain.replace(",", ".")
    return meant if meant != written and _NUMBER.fullmatch(meant) else None


def in_ascii(text: str) -> str:
    """Full-width characters, and punctuation that only Chinese has, as they stand in ASCII."""
    meant = "".join(_MEANT.get(each, "-" if each in DASHES else each) for each in text)
    return unicodedata.normalize("NFKC", meant)
