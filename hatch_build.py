"""Compiles the catalogues of messages when the package is built, an editable one included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalogues(BuildHookInterface[Any]):
    """Writes each ``grader.mo``, which gettext reads, beside the ``grader.po`` it comes from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile them all before the package is put together."""
        for source in Path(self.root, "grader", "messages", "locale").glob("*/*/*.po"):
            with source.open("rb") as file:
                catalog = read_po(file)
            with source.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalog)
