"""Who deals with the submission while it runs: peers beside it, a dialogue at its terminal."""

from __future__ import annotations

from collections.abc import Callable

from grader.supervisor.console import Console
from grader.supervisor.plan import Listening, Peer, Plan, Printing, Step
from grader.supervisor.programs import Starter
from grader.supervisor.run import Run
from grader.trace import Listened, Printed, ProcessNumber, Role, Typed

_KEYS = {"end-of-input": b"\x04", "interrupt": b"\x03"}


class Peers:
    """Starts each peer when what it waits for has happened."""

    def __init__(
        self, plan: Plan, run: Run, starter: Starter, open_console: Callable[[], Console]
    ) -> None:
        self._run = run
        self._starter = starter
        self._open_console = open_console
        self._waiting = list(plan.peers)
        self._seen = 0
        """How many events of the record have been looked at."""

    def start_those_due(self) -> None:
        """
        Raises:
            OSError: the kernel does not allow it.
        """
        if not self._waiting:
            return
        news = self._run.recorder.journal.since(self._seen)
        self._seen += len(news)
        for event in news:
            if isinstance(event, (Listened, Printed)) and self._is_submissions(event.by):
                self._start([peer for peer in self._waiting if _begins_at(peer, event)])
        self._start([peer for peer in self._waiting if peer.begins is None])

    def _is_submissions(self, number: ProcessNumber) -> bool:
        return self._run.recorder.process(number).role is not Role.PEER

    def _start(self, due: list[Peer]) -> None:
        for peer in due:
            self._waiting.remove(peer)
            self._starter.start_peer(peer, self._open_console())

    @property
    def come_first(self) -> bool:
        """Whether some wait for nothing: they are ready before the submission's first line."""
        return any(peer.begins is None for peer in self._waiting)

    @property
    def are_done(self) -> bool:
        """Whether all have been started and all have ended."""
        recorder = self._run.recorder
        return not self._waiting and all(
            recorder.has_ended(number) for number in recorder.numbers_of(Role.PEER)
        )


def _begins_at(peer: Peer, event: Listened | Printed) -> bool:
    if isinstance(peer.begins, Listening):
        return isinstance(event, Listened) and event.port == peer.begins.port
    if isinstance(peer.begins, Printing):
        return isinstance(event, Printed) and peer.begins.pattern.match(event.text) is not None
    return False


class Dialogue:
    """Goes through the steps of a dialogue as the submission gives occasion."""

    def __init__(self, plan: Plan, run: Run, console: Console) -> None:
        self._steps = list(plan.dialogue)
        self._run = run
        self._console = console
        self._seen = 0
        """How many events of the record have been looked at."""
        self._heard: list[str] = []
        """Lines and prompts that no step has matched yet."""
        self._reader: ProcessNumber | None = None
        self.pressed_key = False
        """Whether it has ended the input, interrupted the program or closed its window."""

    @property
    def is_done(self) -> bool:
        return not self._steps

    @property
    def unmet(self) -> str | None:
        """The step at which it stands, if it is not done."""
        return self._steps[0].id if self._steps else None

    @property
    def wants_to_type(self) -> bool:
        return bool(self._steps) and self._steps[0].expect is None

    def listen(self) -> None:
        """Take in what the submission has printed, and pass the steps that expected it."""
        news = self._run.recorder.journal.since(self._seen)
        self._seen += len(news)
        self._heard += [
            event.text
            for event in news
            if isinstance(event, Printed)
            and self._run.recorder.process(event.by).role is not Role.PEER
        ]
        while self._steps and self._steps[0].expect is not None and self._match(self._steps[0]):
            self._steps.pop(0)

    def _match(self, step: Step) -> bool:
        assert step.expect is not None
        for index, text in enumerate(self._heard):
            if step.expect.match(text) is not None:
                del self._heard[: index + 1]
                return True
        return False

    def asked(self, reader: ProcessNumber) -> bool:
        """The process waits for a line. Whether it was given one."""
        if self._reader != reader:
            self._reader = reader
            self._run.recorder.journal.asked_for_input(self._console.record, reader)
        self.listen()
        if not self.wants_to_type:
            return False
        self._type(self._steps.pop(0), reader)
        self._reader = None
        return True

    def _type(self, step: Step, reader: ProcessNumber) -> None:
        recorder = self._run.recorder
        self.pressed_key = self.pressed_key or step.key is not None
        if step.send is not None:
            recorder.journal.happened(Typed(recorder.journal.now(), reader, "line", step.send))
            self._console.terminal.type(step.send.encode() + b"\n")
        elif step.key == "hang-up":
            recorder.journal.happened(Typed(recorder.journal.now(), reader, "hang-up"))
            self._console.terminal.hang_up()
        elif step.key is not None:
            recorder.journal.happened(Typed(recorder.journal.now(), reader, step.key))
            self._console.terminal.type(_KEYS[step.key])
