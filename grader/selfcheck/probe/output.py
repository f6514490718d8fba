"""Reports what is written to the terminal: by the standard streams, by files that the student's
code opens there itself, and by ``os.write``.
"""

from __future__ import annotations

import _io
import builtins
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

reporting: Any = __import__("reporting")

_open = builtins.open


class ReportedOutput(_io.FileIO):
    """A file at the terminal that says what is written to it, and by which process."""

    def __init__(
        self, number: int, stream: str, channel: Any, *, name: object, closefd: bool = False
    ) -> None:
        super().__init__(number, "w", closefd=closefd)
        self.name = name
        self._stream = stream
        self._channel = channel

    def write(self, data: Any) -> int:
        """Report first: a process that is killed in the midst of it has written."""
        pieces = reporting.pieces(bytes(data))
        for piece in pieces:
            self._channel.report("wrote", stream=self._stream, data=piece)
        try:
            written = super().write(data)
        except OSError:
            self._channel.report("unwrote", stream=self._stream, size=len(data))
            raise
        if written is not None and written < len(data):
            self._channel.report("unwrote", stream=self._stream, size=len(data) - written)
        return written


class Output:
    """The terminal, or the pipes in place of one."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel
        self._device = os.fstat(1).st_rdev if os.isatty(1) else None

    def stream_of(self, descriptor: object) -> str | None:
        """What the trace calls what is written to a descriptor: None if it is not at the terminal.

        Descriptors 1 and 2 may have been made to lead elsewhere, and others to the terminal.
        """
        if not isinstance(descriptor, int):
            return None
        name = "stderr" if descriptor == 2 else "stdout"
        if self._device is None:
            return name if descriptor in (1, 2) else None
        try:
            is_there = os.isatty(descriptor) and os.fstat(descriptor).st_rdev == self._device
        except OSError:
            return None
        return name if is_there else None

    def watch_streams(self) -> None:
        """Replace the standard streams by such that report, and are otherwise what they were."""
        for name, number in (("stdout", 1), ("stderr", 2)):
            old = getattr(sys, name)
            if old is None or old.fileno() != number:
                continue
            new: Any = _io.TextIOWrapper(
                _io.BufferedWriter(
                    ReportedOutput(number, name, self._channel, name=f"<{name}>"),
                ),
                encoding=old.encoding,
                errors=old.errors,
                newline=None if os.name == "nt" else "\n",
                # A console is not to be had everywhere: at one each line is seen at once.
                line_buffering=True,
                write_through=old.write_through,
            )
            new.mode = "w"
            setattr(sys, name, new)
            setattr(sys, f"__{name}__", new)

    def watch_open(self) -> None:
        """Replace ``open`` by one whose files report if they are at the terminal."""
        modules: tuple[Any, ...] = (builtins, sys.modules["io"])
        opened = _Open(self)
        for module in modules:
            module.open = opened

    def report_of(self, made: Any, stream: str, number: int, **settings: Any) -> Any:
        """A file that reports, over a descriptor of the terminal's, and is otherwise like the one
        that was made with these settings of ``open``.
        """
        buffering, mode = settings["buffering"], settings["mode"]
        raw = ReportedOutput(
            number, stream, self._channel, name=settings["file"], closefd=settings["closefd"]
        )
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else _io.DEFAULT_BUFFER_SIZE
        buffered = _io.BufferedWriter(raw, size)
        if "b" in mode:
            return buffered
        text: Any = _io.TextIOWrapper(
            buffered,
            encoding=made.encoding,
            errors=made.errors,
            newline=settings["newline"],
            line_buffering=buffering in (-1, 1),
        )
        text.mode = mode
        return text


class _Open:
    """As ``open``. It is no function, for that would become a method where it is put in a class."""

    def __init__(self, output: Output) -> None:
        self._output = output
        for name in ("__doc__", "__name__", "__qualname__", "__module__"):
            setattr(self, name, getattr(_open, name))
        self.__wrapped__ = _open

    def __call__(
        self,
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not isinstance(mode, str) or "r" in mode or "+" in mode:
            return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        given = self._output.stream_of(file)
        # What opens a descriptor of the terminal's gets another file, which closes it.
        closes = closefd and given is None
        made = _open(file, mode, buffering, encoding, errors, newline, closes, opener)
        number = made.fileno()
        stream = given or self._output.stream_of(number)
        if stream is None:
            return made
        if given is None:
            number = os.dup(number)
            made.close()
        return self._output.report_of(
            made,
            stream,
            number,
            file=file,
            mode=mode,
            buffering=buffering,
            newline=newline,
            closefd=closefd,
        )

    def __reduce__(self) -> str:
        return "open"

    def __repr__(self) -> str:
        return repr(_open)
