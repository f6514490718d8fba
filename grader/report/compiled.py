"""Keeps compiled templates beside them, as Python keeps its modules: compiling takes far longer
than filling one in.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from importlib.util import cache_from_source
from io import BytesIO
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """In the ``__pycache__`` of the templates' folder. Nothing is kept where that cannot be
    written, or where Python was told to write no bytecode.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Where there is none, or of another text, it stays empty."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            bucket.load_bytecode(BytesIO(self._place(bucket).read_bytes()))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template, unless this Python keeps no bytecode or cannot write here."""
        if sys.dont_write_bytecode:
            return
        place = self._place(bucket)
        with suppress(OSError):
            place.parent.mkdir(exist_ok=True)
            descriptor, fresh = tempfile.mkstemp(dir=place.parent)
            try:
                with open(descriptor, "wb") as file:
                    bucket.write_bytecode(file)
                os.chmod(fresh, 0o644)
                os.replace(fresh, place)
            except OSError:
                os.unlink(fresh)

    def _place(self, bucket: Bucket) -> Path:
        source = self._folder / f"{bucket.key}-{jinja2.__version__}.py"
        return Path(cache_from_source(str(source)))
