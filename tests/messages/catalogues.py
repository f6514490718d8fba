"""The catalogues of messages: collected from the source, translated by hand, compiled.

    python -m tests.messages.catalogues

collects every ``say`` and ``plural``, brings ``grader.po`` of each language up to date (what is new
in it has no translation yet, what is gone is dropped), compiles it to ``grader.mo`` as building
the package does, and lists what has no translation. Nothing is guessed: there is no fuzzy
matching.
"""

from __future__ import annotations

import datetime
import io
from contextlib import redirect_stderr
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import grader
from grader.messages import LANGUAGES, Language

SOURCE = Path(grader.__file__).parent
LOCALE = SOURCE / "messages" / "locale"
TRANSLATED: tuple[Language, ...] = tuple(each for each in LANGUAGES if each != "en")
_KEYWORDS = {"say": None, "plural": (1, 2), "_": None}
_DATE = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
"""Of no interest, and so always the same."""


def po_file(language: Language) -> Path:
    """The catalogue that a translator edits."""
    return LOCALE / language / "LC_MESSAGES" / "grader.po"


def mo_file(language: Language) -> Path:
    """The compiled catalogue, which is what gettext reads."""
    return po_file(language).with_suffix(".mo")


def extracted() -> Catalog:
    """Every message in the source of the package and in the templates of its pages."""
    catalog = _empty(None)
    with redirect_stderr(io.StringIO()):  # it warns of f-strings, also where one fills a hole
        found = sorted(
            extract_from_dir(
                str(SOURCE),
                [("**.py", "python"), ("**/templates/*.html", "jinja2")],
                keywords=_KEYWORDS,
            ),
            key=lambda each: (each[0], each[1]),
        )
    for _, _, message, _, _ in found:
        catalog.add(message)
    return catalog


def _empty(language: Language | None) -> Catalog:
    return Catalog(
        locale=language,
        project="grader",
        version="1",
        header_comment="# What grader says to people.",
        creation_date=_DATE,
        revision_date=_DATE,
        last_translator="the authors of grader",
        language_team="the authors of grader",
        msgid_bugs_address="",
        charset="utf-8",
        fuzzy=False,
    )


def translation(language: Language) -> Catalog:
    """A language's catalogue as it stands in the project."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """What gettext reads."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def as_text(catalog: Catalog) -> bytes:
    """What a translator reads: sorted by message, without what changes all the time."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, no_location=True)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b'"Generated-By:'))


def is_translated(message: Message) -> bool:
    """Every form of the message has a text."""
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(texts) and all(texts)


def refresh() -> list[tuple[Language, str]]:
    """Write all catalogues anew. Returns what has no translation yet."""
    template = extracted()
    lacking: list[tuple[Language, str]] = []
    for language in TRANSLATED:
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = translation(language) if path.exists() else _empty(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        path.write_bytes(as_text(catalog))
        mo_file(language).write_bytes(compiled(catalog))
        lacking += [
            (language, str(message.id))
            for message in catalog
            if message.id and not is_translated(message)
        ]
    return lacking


def compile_what_is_stale() -> None:
    """Compile each catalogue that was edited, or came anew, since it was compiled last."""
    for language in TRANSLATED:
        source, target = po_file(language), mo_file(language)
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            target.write_bytes(compiled(translation(language)))


if __name__ == "__main__":
    for language, message in refresh():
        print(f"{language}: {message}")
