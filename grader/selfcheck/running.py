"""Runs a plan on the machine's own clock, and collects what its processes report."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from grader.messages import say
from grader.plan import CannotSuperviseError, Plan, files_left
from grader.selfcheck.births import Ordinals
from grader.selfcheck.dialogue import Dialogue, Situation
from grader.selfcheck.hearing import Reporters, now
from grader.selfcheck.output import OutputCount
from grader.selfcheck.probe.ports import FIRST, LAST, Ports
from grader.selfcheck.processes import LiveProcesses
from grader.selfcheck.recording import Ending, trace_of
from grader.selfcheck.reports import Report
from grader.selfcheck.system import System, Terminal, environment_in, start_peer
from grader.trace import Nanoseconds, Outcome, Role, StartMethod, Trace
from grader.trace.naming import verbatim

if TYPE_CHECKING:
    from grader.exercise import Peer  # a room that takes long to load

_HERE = Path(__file__).parent
_PROBE = (_HERE / "probe", _HERE.parent / "supervisor" / "probe")
"""Folders with modules of the probe; those of the second are shared with the kernel's."""
_LONGEST_PATH = 50
"""Characters of a temporary folder in which sockets can be made: a path has about a hundred."""
_TICK_S = 0.01
_SECOND: Nanoseconds = 10**9
_MOST: Nanoseconds = 60 * _SECOND
"""A person waits for it: the clock is real. A submission that takes longer is not seen whole."""
_SETTLING: Nanoseconds = _SECOND // 2
"""When peers and dialogue are done, what still does something has so long to come to rest."""
_STUCK: Nanoseconds = _SECOND
"""No process has done anything for so long when it is asked whether one ever will."""
_AFTER_MAIN: Nanoseconds = 10 * _SECOND
"""For so long it is waited for those that outlive main."""
_PEERS_COME_UP_S = 10.0
_COMES_UP_S = 30.0
"""An interpreter that has not begun after so long does not."""
_TRIES = 100
_LAST_READS = 16
"""A process may still be writing."""
_LONGEST_SLEEP_OF_PEER: Nanoseconds = 3 * _SECOND
_SLOWEST_PEER = 4
_BUSY = 2
"""On a machine so slow a right answer may look wrong by chance."""


def run(plan: Plan, system: System) -> Trace:
    """Run a submission once, and let its own interpreters say what they do.

    Raises:
        CannotSuperviseError: this machine or interpreter does not let it be run.
    """
    try:
        with ExitStack() as held:
            return _Run(plan, system, held).go()
    except OSError as error:
        reason = verbatim(error.strerror or str(error))
        raise CannotSuperviseError(
            say("The script could not be run: {reason}.", reason=reason)
        ) from error


@contextmanager
def _private_folder(plan: Plan) -> Iterator[Path]:
    """A new folder, with the submission's files in ``submission``."""
    parent = tempfile.gettempdir()
    if len(parent) > _LONGEST_PATH and os.path.isdir("/tmp"):
        parent = "/tmp"
    with tempfile.TemporaryDirectory(
        prefix="grader-", dir=parent, ignore_cleanup_errors=True
    ) as made:
        root = Path(made).resolve()
        for file in (*plan.submission.files, *plan.submission.data):
            place = root / "submission" / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
        yield root


class _Run:
    def __init__(self, plan: Plan, system: System, held: ExitStack) -> None:
        self._plan = plan
        self._system = system
        self._held = held
        self._root = held.enter_context(_private_folder(plan))
        self._folder = self._root / "submission"
        self._listener = system.listen(self._root)
        self._reporters = Reporters(self._listener, self._answer)
        held.callback(self._reporters.close)
        self._port_shift = _port_shift(plan.ports)
        self._terminal: Terminal | None = None
        self._reports: list[Report] = []
        self._ordinals = Ordinals()
        self._live = LiveProcesses()
        held.callback(self._live.end_all)
        self._dialogue = Dialogue(plan.dialogue)
        self._output = OutputCount()
        self._waiting_peers = list(plan.peers)
        self._late_end = plan.schedule.end_lateness("worker-1")
        self._held_signals: list[Report] = []
        self._bytes = 0
        self._begun = now()
        self._slowness = 1
        """How many times as long as its CPU time it took main's interpreter to come up."""
        self._last_report = now()
        self._done_at: Nanoseconds | None = None
        self._main_gone_at: Nanoseconds | None = None
        self._outcome: Outcome | None = None
        self._stopped = False
        self._is_over = False
        self._doubts: list[str] = []
        method = plan.start_method
        self._method = method if method in system.start_methods else StartMethod.SPAWN

    def go(self) -> Trace:
        """From the beginning to the end."""
        self._start_peers([peer for peer in self._waiting_peers if peer.begins is None])
        if self._live.numbers_of(Role.PEER):
            self._wait_for_peers()
        script = self._plan.submission.script.name
        end_of_options = ("--",) if script.startswith("-") else ()
        self._terminal = self._system.open_terminal(
            (str(self._plan.interpreter), *end_of_options, script),
            self._folder,
            {
                **self._environment(self._folder),
                "GRADER_START_METHOD": self._method.value,
            },
            self._plan.limits,
            self._listener,
        )
        self._held.callback(self._terminal.close)
        self._held.callback(self._reporters.close)
        self._begun = now()
        while not self._is_over:
            self._turn()
        for _ in range(_LAST_READS):  # before the reports, for these were made before
            self._output.shown(self._terminal.read())
        for report in self._reporters.rest():
            self._take(report)
        self._look_for_dead()
        self._reports += self._live.killed(now())
        return trace_of(self._reports, self._ending(), self._method, self._plan.schedule)

    def _environment(self, folder: Path) -> dict[str, str]:
        probe = os.pathsep.join(map(str, _PROBE))
        return {
            **environment_in(folder),
            "PYTHONPATH": probe,
            "GRADER_PROBE": probe,
            "GRADER_REPORTS": self._listener.address,
            "GRADER_PORT_SHIFT": str(self._port_shift),
        }

    def _ending(self) -> Ending:
        if self._dialogue.doubt is not None:
            self._doubts.append(self._dialogue.doubt)
        return Ending(
            outcome=self._outcome,
            stopped=self._stopped,
            pressed=self._dialogue.pressed and self._dialogue.is_done,
            transcript=self._dialogue.transcript(now()),
            doubts=tuple(self._doubts),
            folder=str(self._folder),
            files=files_left(self._folder, self._plan.kept_files),
            probe=str(_PROBE[0]),
            # A process that is ended in the midst of much output leaves reports unread.
            unattributed_output=self._outcome is None and self._output.is_more_than_told,
            busy=self._slowness >= _BUSY,
        )

    # While it runs

    def _turn(self) -> None:
        for report in self._reporters.hear(_TICK_S):
            self._take(report)
        assert self._terminal is not None
        self._output.shown(self._terminal.read())
        self._pass_signals_on()
        self._look_for_dead()
        main = self._live.main
        if main is None:
            if now() - self._begun > _COMES_UP_S * _SECOND:
                raise CannotSuperviseError(
                    say(
                        "{python} did not report to the grader within {seconds} seconds. Is it "
                        "Python 3.10 or later, and does it read PYTHONPATH?",
                        python=verbatim(str(self._plan.interpreter)),
                        seconds=int(_COMES_UP_S),
                    )
                )
            return
        self._go_on_with_dialogue()
        self._look_whether_over()
        if not self._is_over:
            self._check_limits()

    def _take(self, report: Report) -> None:
        if report.what == "unstarted":
            raise CannotSuperviseError(
                say(
                    "{python} could not be started: {reason}.",
                    python=verbatim(str(self._plan.interpreter)),
                    reason=verbatim(report.text("reason") or ""),
                )
            )
        self._reports.append(report)
        self._last_report = now()
        role = self._live.take(report)
        if role is not Role.PEER:
            self._output.told(report)
        if report.what == "birth":
            if role is not Role.PEER:
                self._ordinals.announced(report)
        elif report.what in ("wrote", "asked") and role in (Role.MAIN, Role.CHILD):
            self._bytes += len(report.data("data"))
            self._dialogue.hear(report)
        elif report.what == "signal" and report.flag("held"):
            self._held_signals.append(report)
        elif report.what == "session":
            self._begun = report.at
        elif report.what == "began" and role is Role.MAIN:
            cpu = report.number("cpu")
            self._slowness = max(1, round((report.at - self._begun) / cpu)) if cpu else 1
            self._begun = report.at
        if self._waiting_peers and role is not Role.PEER:
            self._start_peers([peer for peer in self._waiting_peers if _begins_at(peer, report)])

    def _answer(self, hello: Report) -> bytes:
        """How late and how slow the process is to be."""
        if self._live.is_peers(hello):
            # Its pauses are to outlast what the submission needs, however slow the machine is.
            slower = min(self._slowness, _SLOWEST_PEER)
            return f"0 {slower} {slower * _LONGEST_SLEEP_OF_PEER} 0\n".encode()
        label = self._ordinals.label_of(hello)
        if label is None:
            return b"0 1 0 0\n"
        schedule = self._plan.schedule
        late = 0 if label == "main" else schedule.lateness(label)
        return f"{late} {schedule.slowness(label)} 0 {int(bool(self._late_end))}\n".encode()

    def _pass_signals_on(self) -> None:
        """Send those of the signals that were held up that are due."""
        due = [each for each in self._held_signals if now() >= each.at + self._late_end]
        for signal in due:
            self._held_signals.remove(signal)
            target = signal.number("target") or 0
            self._reports.append(Report("lived", target, now()))
            self._live.send(target, signal.number("number") or 0)

    def _look_for_dead(self) -> None:
        closed, self._reporters.closed = self._reporters.closed, []
        self._reports += self._live.look(closed, now())
        code = None if self._terminal is None else self._terminal.exit_code()
        main = self._live.main
        if code is not None and main is not None and self._live.ended(main):
            self._reports.append(Report("ended", main, now(), {"code": code}))
        if self._main_gone_at is None and main is not None and not self._live.is_alive(main):
            self._main_gone_at = now()

    def _go_on_with_dialogue(self) -> None:
        if self._dialogue.is_done or self._terminal is None or self._main_gone_at is not None:
            return
        assert self._live.main is not None
        situation = Situation(
            began=self._begun,
            now=now(),
            main=self._live.main,
            reader=self._live.reader,
            quiet=now() - self._last_report,
        )
        typed = self._dialogue.go_on(situation, self._terminal)
        if typed is not None:
            self._reports.append(typed)
            self._output.told(typed)
            self._live.was_typed_to(typed.pid)
            self._last_report = now()

    # How it comes to its end

    def _look_whether_over(self) -> None:
        quiet = now() - self._last_report
        alive = self._live.numbers_of(Role.MAIN, Role.CHILD)
        if not alive:
            peers = self._live.numbers_of(Role.PEER)
            self._is_over = not peers or quiet > _SETTLING
        elif self._main_gone_at is not None and now() - self._main_gone_at > _AFTER_MAIN:
            self._is_over = True
        elif self._peers_and_dialogue_are_done():
            self._done_at = self._done_at or now()
            if quiet > _SETTLING or now() - self._done_at > 4 * _SETTLING:
                self._is_over = self._stopped = True
        elif quiet > _STUCK and not self._dialogue.is_due_later and self._live.are_stuck(now()):
            self._cannot_go_on()

    def _peers_and_dialogue_are_done(self) -> bool:
        return (
            self._plan.is_interactive
            and not self._waiting_peers
            and not self._live.numbers_of(Role.PEER)
            and self._dialogue.is_done
        )

    def _cannot_go_on(self) -> None:
        """No process will ever wake another."""
        self._is_over = True
        reader = self._live.reader
        if self._main_gone_at is not None:
            return
        is_attended = self._plan.is_interactive and self._dialogue.is_done
        if is_attended and (reader is not None or self._live.serves):
            self._stopped = True
        else:
            self._outcome = Outcome.DEADLOCK if reader is None else Outcome.WAITING_FOR_INPUT

    def _check_limits(self) -> None:
        limits = self._plan.limits
        spent = now() - self._begun
        reached: Outcome | None = None
        if self._bytes > limits.output:
            reached = Outcome.OUTPUT_LIMIT
        elif len(self._reports) > limits.events:
            reached = Outcome.EVENT_LIMIT
        elif len(self._live.numbers_of(Role.MAIN, Role.CHILD)) > limits.processes:
            reached = Outcome.PROCESS_LIMIT
        elif spent > limits.time:
            reached = Outcome.TIME_LIMIT
        elif spent > _MOST:
            reached = Outcome.WALL_LIMIT
        else:
            cpu, memory = self._live.usage(now())
            if cpu > limits.cpu:
                reached = Outcome.CPU_LIMIT
            elif memory > limits.memory:
                reached = Outcome.MEMORY_LIMIT
        if reached is not None:
            self._outcome, self._is_over = reached, True

    # Peers

    def _start_peers(self, due: list[Peer]) -> None:
        for peer in due:
            self._waiting_peers.remove(peer)
            folder = self._root / "peers" / peer.name
            folder.mkdir(parents=True)
            script = folder / Path(peer.program.name).name
            script.write_bytes(peer.program.content)
            process = start_peer(
                (sys.executable, script.name, *peer.args), folder, self._environment(folder)
            )
            self._reports.append(Report("peer", process.pid, now(), {"name": peer.name}))
            self._live.add_peer(process)

    def _wait_for_peers(self) -> None:
        """Until each of them waits for something, or sleeps."""
        until = time.monotonic() + _PEERS_COME_UP_S
        while not self._live.all_stand and time.monotonic() < until:
            for report in self._reporters.hear(_TICK_S):
                self._take(report)
            self._look_for_dead()


def _begins_at(peer: Peer, report: Report) -> bool:
    """Whether what was reported is what the peer waits for."""
    if peer.begins is None:
        return False
    if report.what == "listen":
        return report.number("port") == peer.begins.listens
    return report.what == "wrote" and any(
        peer.begins.is_line(line)
        for line in report.data("data").decode("utf-8", "replace").splitlines()
    )


def _port_shift(ports: Sequence[int]) -> int:
    """How far the ports of a run are moved (``probe/ports.py``), so that those are free of which it
    is known that they are used.
    """
    for _ in range(_TRIES):
        shift = secrets.randbelow(LAST - FIRST + 1)
        moved = Ports(shift)
        if all(_is_free(moved.outward(port)) for port in ports):
            return shift
    return 0


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
