"""Who waited for whom, how, and since when; and what is no wait at all."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from grader.trace import Ended, Printed, StartMethod, WaitBegan, WaitedFor, WaitTimedOut
from grader.trace.questions import calls_of, code_end, process, waited_for

from .conftest import Supervise
from .reading import SECOND, child, having, just_past, only, output

pytestmark = pytest.mark.usefixtures("any_isolation")

ONE_SECOND = """
    import time
    from multiprocessing import Process

    def work():
        time.sleep(1)

    if __name__ == "__main__":
        p = Process(target=work)
        p.start()
"""


def main_does(*lines: str) -> str:
    """A script that starts a child of one second and then does this."""
    return ONE_SECOND + "".join(f"        {line}\n" for line in lines)


def test_join_is_a_wait(supervise: Supervise, start_method: StartMethod):
    """join() waits from its call to the child's end, under every start method."""
    trace = supervise(main_does("p.join()", "print('done')"), start_method=start_method)
    (wait,) = having(trace, WaitedFor, by=0, in_shutdown=False)
    assert wait.child == child(trace).number
    assert wait.began is not None
    assert wait.at >= only(trace, Ended, by=wait.child).at > wait.began
    assert trace.events.index(wait) < trace.events.index(only(trace, Printed, text="done"))
    if start_method is not StartMethod.FORKSERVER:
        assert wait.how == "wait"


def test_join_names_the_line(supervise: Supervise):
    """The wait carries the line of the student's join()."""
    trace = supervise(main_does("p.join()"))
    wait = only(trace, WaitedFor, in_shutdown=False)
    assert wait.line is not None
    assert (wait.line.file, wait.line.line) == ("student.py", 11)
    assert only(trace, WaitBegan).line == wait.line


def test_join_with_a_long_timeout_is_a_wait(supervise: Supervise, start_method: StartMethod):
    """join(5) on a child of one second learns of its end."""
    trace = supervise(main_does("p.join(5)"), start_method=start_method)
    assert waited_for(trace, child(trace).number, by=0) is not None
    assert having(trace, WaitTimedOut) == ()


def test_join_with_a_short_timeout_times_out(supervise: Supervise, start_method: StartMethod):
    """join(0.5) on a child of one second ends by its time-out, and is no wait."""
    trace = supervise(
        main_does("p.join(0.5)", "print(p.is_alive(), flush=True)"), start_method=start_method
    )
    assert output(trace, 0) == ["True"]
    assert waited_for(trace, child(trace).number, by=0) is None
    began = only(trace, WaitBegan, children=(child(trace).number,), timeout=SECOND // 2)
    timed_out = only(trace, WaitTimedOut, by=0)
    assert timed_out.children == (child(trace).number,)
    assert just_past((timed_out.at - began.at) / SECOND, 0.5)


def test_waiting_on_the_sentinel_is_a_wait(supervise: Supervise, start_method: StartMethod):
    """multiprocessing.connection.wait([p.sentinel]) learns of the end, and counts."""
    trace = supervise(
        main_does(
            "from multiprocessing.connection import wait",
            "print(len(wait([p.sentinel])), flush=True)",
        ),
        start_method=start_method,
    )
    assert output(trace, 0) == ["1"]
    wait = waited_for(trace, child(trace).number, by=0)
    assert wait is not None
    assert wait.how == "sentinel"
    assert wait.at >= process(trace, wait.child).ended


def test_a_sentinel_wait_that_times_out_is_none(supervise: Supervise):
    """wait([p.sentinel], 0.25) that comes back empty has learned nothing."""
    trace = supervise(
        main_does("from multiprocessing.connection import wait", "print(wait([p.sentinel], 0.25))")
    )
    assert output(trace, 0) == ["[]"]
    assert waited_for(trace, 1) is None
    assert only(trace, WaitTimedOut).children == (1,)


def test_polling_is_alive_until_false_is_a_wait(supervise: Supervise):
    """A loop over is_alive() learns of the end; how often it asked in vain is told."""
    trace = supervise(main_does("while p.is_alive():", "    time.sleep(0.15)"))
    wait = waited_for(trace, 1, by=0)
    assert wait is not None
    assert (wait.how, wait.polls) == ("poll", 7)  # the child sleeps 1 s: it ends between two
    first, last = calls_of(trace, "is_alive", by=0)  # of a loop, no more than these
    assert (first.target, last.target) == (1, 1)
    assert first.at + 9 * SECOND // 10 < last.at <= wait.at


def test_a_question_that_is_repeated_has_its_own_time(supervise: Supervise):
    """Two questions in one line, with a sleep between them, are two."""
    trace = supervise(main_does("p.is_alive(); time.sleep(0.5); p.is_alive(); p.join()"))
    first, last = calls_of(trace, "is_alive", by=0)
    assert last.at - first.at >= SECOND // 2


def test_exitcode_polls_too(supervise: Supervise):
    """Reading exitcode until it is there is the same."""
    trace = supervise(main_does("while p.exitcode is None:", "    time.sleep(0.1)"))
    wait = waited_for(trace, 1, by=0)
    assert wait is not None
    assert wait.how == "poll"


def test_active_children_polls_too(supervise: Supervise):
    """A loop until active_children() is empty is a wait for each."""
    trace = supervise(
        main_does(
            "from multiprocessing import active_children",
            "while active_children():",
            "    time.sleep(0.1)",
        )
    )
    assert waited_for(trace, 1, by=0) is not None


def test_one_look_at_is_alive_is_no_wait(supervise: Supervise):
    """is_alive() while the child lives says nothing about its end."""
    trace = supervise(main_does("print(p.is_alive(), flush=True)"))
    assert output(trace) == ["True"]
    assert waited_for(trace, 1) is None


def test_sleeping_long_enough_is_no_wait(supervise: Supervise):
    """sleep(2) outlasts the child, and main has not learned of its end."""
    trace = supervise(main_does("time.sleep(2)", "print('done', flush=True)"))
    assert waited_for(trace, 1) is None


def test_what_start_reaps_is_no_wait(supervise: Supervise):
    """Process.start() tidies up ended children; nobody asked for that."""
    trace = supervise(
        main_does("time.sleep(2)", "q = Process(target=work)", "q.start()", "time.sleep(2)")
    )
    assert process(trace, 1).collected is not None
    assert waited_for(trace, 1) is None
    assert waited_for(trace, 2) is None


@pytest.mark.parametrize("daemon", [False, True])
def test_the_shutdowns_waits_are_marked(supervise: Supervise, daemon: bool):
    """Multiprocessing joins every child when main's code has ended: not the student's doing."""
    trace = supervise(main_does("pass").replace("target=work", f"target=work, daemon={daemon}"))
    wait = only(trace, WaitedFor, by=0, child=1)
    assert wait.in_shutdown
    assert wait.line is None
    assert waited_for(trace, 1) is None
    over = code_end(trace, 0)
    assert over is not None
    assert over.at <= wait.at


def test_a_childs_shutdown_waits_are_marked_as_well(
    supervise: Supervise, start_method: StartMethod
):
    """A child that does not wait for its own child is told apart from one that does."""
    trace = supervise(
        """
        import sys
        from multiprocessing import Process

        def outer(wait):
            p = Process(target=print, args=("inner",))
            p.start()
            if wait:
                p.join()

        if __name__ == "__main__":
            for wait in (True, False):
                p = Process(target=outer, args=(wait,))
                p.start()
                p.join()
        """,
        start_method=start_method,
    )
    for name, waited in (("outer-1", True), ("outer-2", False)):
        outer = child(trace, int(name[-1]) - 1)
        (inner,) = [each for each in trace.processes if each.creator == outer.number]
        assert (waited_for(trace, inner.number, by=outer.number) is not None) is waited


def test_os_wait_is_a_wait(supervise: Supervise):
    """A blocking wait for any child counts for the one that it finds."""
    trace = supervise(
        """
        import os, time
        for seconds in (2, 1):
            if os.fork() == 0:
                time.sleep(seconds)
                os._exit(0)
        os.wait()
        os.wait()
        """
    )
    assert [wait.child for wait in having(trace, WaitedFor, by=0)] == [2, 1]
    assert [wait.children for wait in having(trace, WaitBegan)] == [(), ()]


def test_waitid_is_a_wait(supervise: Supervise):
    """Waitid with WNOWAIT learns of the end without collecting the child."""
    trace = supervise(
        """
        import os, time
        pid = os.fork()
        if pid == 0:
            time.sleep(1)
            os._exit(5)
        print(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_status)
        """
    )
    assert output(trace) == ["5"]
    assert waited_for(trace, 1, by=0) is not None
    assert process(trace, 1).collected is None


def test_a_join_during_which_a_signal_is_handled_is_a_wait(supervise: Supervise):
    """A handler in the middle of join() does not hide that main waited to the end."""
    trace = supervise(
        main_does(
            "import signal",
            "signal.signal(signal.SIGALRM, lambda *_: print('alarm', flush=True))",
            "signal.setitimer(signal.ITIMER_REAL, 0.5)",
            "p.join()",
            "print('joined')",
        )
    )
    assert output(trace) == ["alarm", "joined"]
    wait = only(trace, WaitedFor, by=0)
    assert (wait.child, wait.how) == (1, "wait")
    assert just_past(wait.at / SECOND, 1)


def test_a_zombie_is_ended_and_not_collected(supervise: Supervise):
    """Between a child's end and its parent's wait it has ended but was not collected."""
    trace = supervise(main_does("time.sleep(3)", "p.join()"))
    late = process(trace, 1)
    assert late.ended is not None
    assert late.collected is not None
    assert late.collected - late.ended > 1.9 * SECOND


def test_subprocess_run_waits(supervise: Supervise):
    """subprocess.run collects its program."""
    trace = supervise("import subprocess; subprocess.run(['sleep', '1'])")
    assert waited_for(trace, 1, by=0) is not None


TIDIED = """
    import time
    from multiprocessing import Process

    def work():
        pass

    if __name__ == "__main__":
        first, second = Process(target=work), Process(target=work)
        first.start()
        time.sleep(5)
        second.start()
        second.join()
        {asked}
        print('done')
"""


def test_join_on_a_child_that_a_later_start_tidied_up(
    supervise: Supervise, start_method: StartMethod
):
    """start() collects those that have ended; who joins them afterwards has waited for them."""
    trace = supervise(TIDIED.format(asked="first.join()"), start_method=start_method)
    wait = waited_for(trace, child(trace).number, by=0)
    assert wait is not None
    assert trace.events.index(wait) < trace.events.index(only(trace, Printed, text="done"))
    assert wait.line is not None
    assert wait.line.line == 14


def test_active_children_leaves_out_those_that_a_start_tidied_up(supervise: Supervise):
    """Whoever asks for the children that are alive learns of the end of those that are not."""
    asked = "import multiprocessing; multiprocessing.active_children()"
    trace = supervise(TIDIED.format(asked=asked))
    wait = waited_for(trace, child(trace).number, by=0)
    assert wait is not None
    assert wait.how == "poll"
    assert trace.events.index(wait) < trace.events.index(only(trace, Printed, text="done"))


IGNORED = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
CAUGHT = "signal.signal(signal.SIGCHLD, lambda *_: None)"
BLOCKED = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])"
SELECTOR = "s = selectors.DefaultSelector(); s.register({}, selectors.EVENT_READ); s.select()"
IN_EVENT_LOOP = """
async def ended(p):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.add_reader(p.sentinel, future.set_result, None)
    await future
    loop.remove_reader(p.sentinel)
"""
WAYS = {
    "join, nobody kept": (IGNORED, "p.join()"),
    "wait, nobody kept": (IGNORED, "try: os.wait()\nexcept ChildProcessError: pass"),
    "waitid": ("", "os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)"),
    "wait3": ("", "os.wait3(0)"),
    "waitid of a pidfd": ("", "os.waitid(os.P_PIDFD, os.pidfd_open(p.pid), os.WEXITED)"),
    "select of a pidfd": ("", "select.select([os.pidfd_open(p.pid)], [], [])"),
    "select of a pidfd, at most": ("", "select.select([os.pidfd_open(p.pid)], [], [], 9)"),
    "poll of a pidfd": ("", "q = select.poll(); q.register(os.pidfd_open(p.pid), 1); q.poll()"),
    "epoll of a pidfd": ("", SELECTOR.format("os.pidfd_open(p.pid)")),
    "select of the sentinel": ("", "select.select([p.sentinel], [], [])"),
    "epoll of the sentinel": ("", SELECTOR.format("p.sentinel")),
    "asyncio": (IN_EVENT_LOOP, "asyncio.run(ended(p))"),
    "sigwait": (BLOCKED, "signal.sigwait([signal.SIGCHLD])"),
    "sigtimedwait": (BLOCKED, "signal.sigtimedwait([signal.SIGCHLD], 9)"),
    "pause": (CAUGHT, "signal.pause()"),
    "wakeup descriptor": (
        f"r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w); {CAUGHT}",
        "select.select([r], [], [])",
    ),
    "read of a sentinel": ("", "os.read(p.sentinel, 1)"),
    "asked whether it is there": (
        IGNORED,
        "try:\n    while True: os.kill(p.pid, 0); time.sleep(0.1)\nexcept OSError: pass",
    ),
}


SAME_AGAIN = {
    *("wait, nobody kept", "waitid", "wait3", "select of a pidfd, at most", "epoll of a pidfd"),
    *("select of the sentinel", "asyncio", "sigtimedwait"),
}
"""Ways that are told by the same rules as others."""


@pytest.mark.parametrize(
    "way",
    [pytest.param(way, marks=[pytest.mark.exhaustive] * (way in SAME_AGAIN)) for way in WAYS],
)
def test_every_way_to_wait_is_a_wait(supervise: Supervise, way: str):
    """Whatever blocks until the child has ended, or asks until it has, and tells the script."""
    before, wait = WAYS[way]
    script = dedent(ONE_SECOND).replace("if __name__", f"{before}\nif __name__", 1)
    imports = "import asyncio, os, select, selectors, signal\n"
    trace = supervise(imports + script + indent(wait, "    ") + "\n    print('done')\n")
    assert output(trace) == ["done"]
    found = waited_for(trace, 1, by=0)
    assert found is not None
    assert found.at < only(trace, Printed).at


NO_WAYS = {
    "a pause with a handler": (CAUGHT, "time.sleep(2)"),
    "another signal": (BLOCKED, "signal.sigtimedwait([signal.SIGUSR1], 2)"),
    "a pidfd that is not watched long enough": (
        "",
        "select.select([os.pidfd_open(p.pid)], [], [], 0.5)",
    ),
    "another descriptor": ("", "p.sentinel; r, w = os.pipe(); select.select([r], [], [], 2)"),
}


@pytest.mark.parametrize("way", NO_WAYS)
def test_what_tells_nothing_of_the_child_is_no_wait(supervise: Supervise, way: str):
    """However long it takes."""
    before, wait = NO_WAYS[way]
    script = dedent(ONE_SECOND).replace("if __name__", f"{before}\nif __name__", 1)
    imports = "import os, select, signal\n"
    trace = supervise(imports + script + indent(wait, "    ") + "\n    print('done')\n")
    assert all(each.in_shutdown for each in having(trace, WaitedFor, by=0))
