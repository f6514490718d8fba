"""Everything that the grader says to a person, in the language that the person reads.

A `Message` is made where something is known and turned into words where it is shown, so that
one Grade can be reported in every language. English is the source language; the other
catalogues are gettext's, under ``locale/``.
"""

from grader.messages.message import (
    LANGUAGES,
    Language,
    Localized,
    Message,
    Text,
    in_language,
    plural,
    say,
)

__all__ = ["LANGUAGES", "Language", "Localized", "Message", "Text", "in_language", "plural", "say"]
