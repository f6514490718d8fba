"""A scalar of a YAML file as the teacher wrote it, before anybody decides what it means."""

from __future__ import annotations

from typing import Literal

import yaml

ScalarKind = Literal["text", "number", "true", "false", "nothing"]


class Written(str):
    """The text of a scalar, what YAML takes it for, and its node (for line and column).

    The text is kept because YAML's own reading loses it: ``1.50`` becomes 1.5 and ``012`` ten.
    """

    kind: ScalarKind
    node: yaml.ScalarNode

    def __new__(cls, node: yaml.ScalarNode) -> Written:
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
