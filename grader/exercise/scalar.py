"""A scalar of a YAML file as the teacher wrote it, before it is decided what it means."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import yaml

_MEANT = {"　": " ", "。": ".", "“": '"', "”": '"', "‘": "'", "’": "'", "【": "[", "】": "]"}
"""What is meant by those that Unicode itself does not take for the same; a text stays one."""
DASHES = "－—–"
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\s*[A-Za-z]*")

ScalarKind = Literal["text", "number", "true", "false", "nothing"]


class Written(str):
    """The text of a scalar, what YAML takes it for, and its node (for line and column).

    The text is kept because YAML's own reading loses it: ``1.50`` becomes 1.5 and ``012`` ten.
    """

    kind: ScalarKind
    node: yaml.ScalarNode

    def __new__(cls, node: yaml.ScalarNode) -> Written:
        """As it stands in the file."""
        written = super().__new__(cls, node.value)
        written.node = node
        written.kind = _kind(node)
        return written


def _kind(node: yaml.ScalarNode) -> ScalarKind:
    tag = node.tag.rpartition(":")[2]
    if tag == "bool":
        return "true" if node.value.lower() in ("yes", "true", "on") else "false"
    if tag in ("int", "float"):
        return "number"
    return "nothing" if tag == "null" else "text"


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
