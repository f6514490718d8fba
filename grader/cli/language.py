"""The language of a call. It is decided first, so that help and complaints are in it, too."""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Sequence

from grader.messages import LANGUAGES, Language


def language_of(arguments: Sequence[str]) -> Language:
    """The language asked for by ``--lang``, else that of the locale, else English."""
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        for language in LANGUAGES:
            if value == language:
                return language
    wanted = next(
        (value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), ""
    )
    if not wanted and sys.platform == "win32":  # which has no such variables
        wanted = locale.getlocale()[0] or ""
    return "zh" if wanted.lower().startswith(("zh", "chinese")) else "en"
