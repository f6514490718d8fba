"""Puts the fragments of this folder into CHANGELOG.md under a version, and removes them.

python changes/collect.py VERSION DATE
"""

from __future__ import annotations

import sys
from pathlib import Path

KINDS = ("added", "changed", "fixed")
HEADING = "# What is new\n"


def collected(fragments: dict[str, str], version: str, date: str) -> str:
    """The section of a version, from the texts of fragments by their file names.

    Raises:
        ValueError: a fragment has no kind, or says nothing.
    """
    section = f"## {version} ({date})\n"
    by_kind: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name, text in sorted(fragments.items()):
        kind = name.removesuffix(".md").rpartition(".")[2]
        if kind not in by_kind:
            raise ValueError(f"{name}: its name ends in .KIND.md, with one of {', '.join(KINDS)}")
        if not text.strip():
            raise ValueError(f"{name}: it says nothing")
        by_kind[kind].append(" ".join(text.split()))
    for kind, sentences in by_kind.items():
        if sentences:
            section += f"\n### {kind.capitalize()}\n\n"
            section += "".join(f"- {sentence}\n" for sentence in sentences)
    return section


def main(version: str, date: str) -> None:
    """Write the section at the top of the changelog."""
    folder = Path(__file__).parent
    changelog = folder.parent / "CHANGELOG.md"
    files = sorted(folder.glob("*.md"))
    section = collected({file.name: file.read_text("utf-8") for file in files}, version, date)
    older = changelog.read_text("utf-8").removeprefix(HEADING)
    changelog.write_text(f"{HEADING}\n{section}{older}", "utf-8")
    for file in files:
        file.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
