"""Who signalled whom, who killed whom, and what multiprocessing's shutdown does."""

from __future__ import annotations

import signal

import pytest

from grader.schedules import parse_schedule
from grader.trace import Ended, Outcome, Role, Signalled, StartMethod
from grader.trace.questions import ended_by, process, survivors

from .conftest import Supervise
from .reading import SECOND, child, having, just_past, only, output

pytestmark = pytest.mark.usefixtures("any_isolation")

SLEEPER = """
    import os, signal, time
    from multiprocessing import Process

    def work():
        print("working", flush=True)
        time.sleep(5)
        print("never", flush=True)

    if __name__ == "__main__":
        p = Process(target=work)
        p.start()
        time.sleep(1)
"""


def main_does(*lines: str) -> str:
    """A script that starts a sleeper, and a second later does this."""
    return SLEEPER + "".join(f"        {line}\n" for line in lines)


@pytest.mark.parametrize(("method", "number"), [("terminate", 15), ("kill", 9)])
def test_who_killed_whom(supervise: Supervise, start_method: StartMethod, method: str, number: int):
    """terminate() and kill() end the child at once, by main's hand."""
    trace = supervise(
        main_does(f"p.{method}()", "p.join()", "print(p.exitcode)"), start_method=start_method
    )
    victim = child(trace)
    assert output(trace) == ["working", f"{-number}"]
    end = only(trace, Ended, by=victim.number)
    assert (end.signal, end.exit_status, end.sender) == (number, None, 0)
    assert ended_by(trace, victim.number) == 0
    deed = only(trace, Signalled, by=0, target=victim.number)
    assert deed.signal == number
    assert not deed.in_shutdown
    assert just_past(end.at / SECOND, 1, slack=0.4)


def test_the_line_of_a_terminate_is_told(supervise: Supervise):
    """A signal carries the student's line."""
    trace = supervise(main_does("p.terminate()", "p.join()"))
    line = only(trace, Signalled).line
    assert line is not None
    assert (line.file, line.line) == ("student.py", 14)


def test_a_daemon_is_cut_off_by_the_shutdown(supervise: Supervise, start_method: StartMethod):
    """When main's code is over, multiprocessing terminates the daemons: the shutdown did it."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work():
            print(123, flush=True)
            time.sleep(5)
            print("end123", flush=True)

        if __name__ == "__main__":
            p = Process(target=work, daemon=True)
            p.start()
            time.sleep(1)
            print("main over", flush=True)
        """,
        start_method=start_method,
    )
    daemon = child(trace)
    assert daemon.daemon is True
    assert output(trace) == ["123", "main over"]
    deed = only(trace, Signalled, target=daemon.number)
    assert (deed.by, deed.signal, deed.in_shutdown) == (0, signal.SIGTERM, True)
    assert ended_by(trace, daemon.number) == "shutdown"
    assert survivors(trace) == ()


def test_a_process_that_ends_by_itself(supervise: Supervise):
    """An exit status is the process's own doing."""
    trace = supervise(
        """
        import sys
        from multiprocessing import Process
        p = Process(target=sys.exit, args=(3,))
        p.start()
        p.join()
        """
    )
    assert process(trace, 1).exit_status == 3
    assert ended_by(trace, 1) == "itself"


def test_a_fault_is_the_kernels(supervise: Supervise):
    """Nobody sent the SIGSEGV that ends a process which reads where nothing is."""
    trace = supervise(
        """
        import ctypes, os
        if os.fork() == 0:
            ctypes.string_at(0)
        os.wait()
        """
    )
    end = only(trace, Ended, by=1)
    assert (end.signal, end.sender) == (signal.SIGSEGV, None)
    assert ended_by(trace, 1) == "kernel"


def test_killing_oneself(supervise: Supervise):
    """A process that kills itself is its own killer, and main's death by a signal is a crash."""
    trace = supervise("import os; print('hi', flush=True); os.kill(os.getpid(), 9)")
    assert trace.outcome is Outcome.CRASHED
    assert only(trace, Ended, by=0).sender == 0
    assert output(trace) == ["hi"]


def test_an_abort_is_the_processs_own(supervise: Supervise):
    """os.abort() raises the signal with tgkill, by itself."""
    trace = supervise("import os; os.abort()")
    assert trace.outcome is Outcome.CRASHED
    assert process(trace, 0).signal == signal.SIGABRT


def test_kill_zero_only_asks(supervise: Supervise):
    """Signal 0 is noted, and changes nothing."""
    trace = supervise(main_does("os.kill(p.pid, 0)", "p.kill()", "p.join()"))
    assert [deed.signal for deed in having(trace, Signalled)] == [0, 9]


def test_killing_a_whole_group(supervise: Supervise):
    """Killpg reaches every process of the group, and each is noted."""
    trace = supervise(
        """
        import os, signal, time
        leader = os.fork()
        if leader == 0:
            os.setpgid(0, 0)
            if os.fork() == 0:
                time.sleep(9)
            time.sleep(9)
            os._exit(0)
        time.sleep(1)
        os.killpg(leader, signal.SIGTERM)
        print(os.wait()[1])
        """
    )
    assert output(trace) == ["15"]
    assert {deed.target for deed in having(trace, Signalled, by=0)} == {1, 2}
    assert {ended_by(trace, number) for number in (1, 2)} == {0}


def test_kill_of_group_zero_stays_in_the_run(supervise: Supervise):
    """os.kill(0, SIGTERM) ends the submission and nobody else."""
    trace = supervise("import os; os.fork(); os.kill(0, 15); print('never')")
    assert trace.outcome is Outcome.CRASHED
    assert {each.signal for each in trace.processes} == {15}


def test_kill_of_everybody_stays_in_the_run(supervise: Supervise):
    """os.kill(-1, SIGKILL) reaches the submission's own processes only."""
    trace = supervise(
        """
        import os, time
        if os.fork() == 0:
            time.sleep(5)
            os._exit(0)
        os.kill(-1, 9)
        print(os.wait()[1], flush=True)
        """
    )
    assert output(trace) == ["9"]
    assert ended_by(trace, 1) == 0


def test_a_handler_runs_and_the_process_lives(supervise: Supervise):
    """SIGTERM that is handled ends nobody."""
    trace = supervise(
        """
        import os, signal, time
        from multiprocessing import Process

        def work():
            signal.signal(signal.SIGTERM, lambda *_: print("no", flush=True))
            time.sleep(3)
            print("slept", flush=True)

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            time.sleep(1)
            p.terminate()
            p.join()
            print(p.exitcode)
        """
    )
    assert output(trace) == ["no", "slept", "0"]
    assert ended_by(trace, 1) == "itself"
    assert just_past(process(trace, 1).ended / SECOND, 3, slack=0.2)


def test_sigkill_after_an_ignored_sigterm(supervise: Supervise):
    """The sender of the signal that did it is named, not of the one that was ignored."""
    trace = supervise(
        """
        import signal, time
        from multiprocessing import Process

        def work():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(9)

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            time.sleep(1)
            p.terminate()
            p.join(1)
            print(p.is_alive(), flush=True)
            p.kill()
            p.join()
        """
    )
    assert output(trace) == ["True"]
    end = only(trace, Ended, by=1)
    assert (end.signal, end.sender) == (9, 0)


def test_a_pidfd_signals_too(supervise: Supervise):
    """signal.pidfd_send_signal is a signal like any other."""
    trace = supervise(main_does("signal.pidfd_send_signal(os.pidfd_open(p.pid), 15)", "p.join()"))
    assert ended_by(trace, 1) == 0


def test_a_pidfd_signals_one_process(supervise: Supervise):
    """The flag with which it would signal a whole group (Linux 6.9) does not exist."""
    trace = supervise(
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        if __name__ == "__main__":
            libc.syscall(424, os.pidfd_open(os.getpid()), 9, None, 4)
            print(os.strerror(ctypes.get_errno()))
        """
    )
    assert output(trace) == ["Invalid argument"]


def test_a_group_is_signalled_with_those_who_are_being_born(supervise: Supervise):
    """Whom the signal reached before anything was seen of him was signalled by the same process."""
    trace = supervise(
        """
        import os, signal, threading
        if __name__ == "__main__":
            threading.Timer(0.02, os.kill, (0, signal.SIGKILL)).start()
            while True:
                if os.fork() == 0:
                    signal.pause()
        """
    )
    ends = [event for event in trace.events if isinstance(event, Ended)]
    assert {(end.signal, end.sender) for end in ends} == {(9, 0)}
    assert trace.doubts == ()


def test_a_terminated_worker_leaves_its_own_children(supervise: Supervise):
    """terminate() on a parent ends the parent: its child lives on, and is seen to."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def inner():
            time.sleep(2)
            print("inner", flush=True)

        def outer():
            Process(target=inner).start()
            time.sleep(9)

        if __name__ == "__main__":
            p = Process(target=outer)
            p.start()
            time.sleep(1)
            p.terminate()
            p.join()
        """
    )
    assert output(trace, 2) == ["inner"]
    assert survivors(trace) == (process(trace, 2),)
    assert not process(trace, 2).killed_by_grader


def test_a_stop_and_a_continue(supervise: Supervise):
    """SIGSTOP holds a child and SIGCONT lets it go on; neither ends it."""
    trace = supervise(
        """
        import os, signal, time
        from multiprocessing import Process

        def work():
            for i in range(3):
                print(i, flush=True)
                time.sleep(1)

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            time.sleep(1.5)
            os.kill(p.pid, signal.SIGSTOP)
            print(os.waitpid(p.pid, os.WUNTRACED)[1] >> 8, flush=True)
            time.sleep(10)
            os.kill(p.pid, signal.SIGCONT)
            p.join()
            print(p.exitcode)
        """
    )
    assert output(trace) == ["0", "1", "19", "2", "0"]
    assert process(trace, 1).ended > 11.5 * SECOND


def test_roles_of_those_who_signal(supervise: Supervise):
    """A helper's signals are not told as the student's: there are none."""
    trace = supervise(main_does("p.terminate()", "p.join()"), start_method=StartMethod.SPAWN)
    helpers = [each.number for each in trace.processes if each.role is Role.HELPER]
    assert [deed for deed in having(trace, Signalled) if deed.by in helpers] == []


def test_asking_whether_a_process_exists(supervise: Supervise):
    """Signal 0 finds one that has ended until it is collected, and nobody afterwards."""
    trace = supervise(
        """
        import os
        import time
        from multiprocessing import Process

        if __name__ == "__main__":
            p = Process(target=time.sleep, args=(1,))
            p.start()
            time.sleep(2)
            os.kill(p.pid, 0)
            p.join()
            try:
                os.kill(p.pid, 0)
            except ProcessLookupError:
                print("gone", flush=True)
        """
    )
    asked = only(trace, Signalled, signal=0)
    assert asked.at > only(trace, Ended, by=asked.target).at
    assert output(trace, 0) == ["gone"]


def test_a_signal_that_comes_in_a_pause_of_the_schedule(supervise: Supervise):
    """Its handler is called before the process goes on with what it was held before: else it would
    sleep on as if nothing had come.
    """
    trace = supervise(
        """
        import signal, sys, time
        from multiprocessing import Process

        def work():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            print("works")
            time.sleep(2)

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            time.sleep(0.2)
            p.terminate()
            p.join()
        """,
        schedule=parse_schedule("pause:worker-1@6+200ms"),
    )
    (pause,) = trace.preemptions
    assert pause.line is not None
    assert pause.line.line == 8
    ended = process(trace, 1).ended
    assert ended is not None
    assert ended < SECOND
