"""A submission that waits for input that never comes."""

from __future__ import annotations

import pytest

from grader.trace import AskedForInput, Outcome, Printed, Stream, WaitReason

from .conftest import Supervise
from .reading import SECOND, only, output

READERS = {
    "input": "input('name? ')",
    "input without readline": "import sys; sys.stdout.write('name? '); sys.stdout.flush(); "
    "sys.stdin.readline()",
    "os.read": "import os; os.write(1, b'name? '); os.read(0, 10)",
    "select": "import os, select; os.write(1, b'name? '); select.select([0], [], [])",
    "poll": "import os, select; os.write(1, b'name? '); p = select.poll(); p.register(0, 1)\n"
    "p.poll()",
    "epoll": "import os, select; os.write(1, b'name? '); e = select.epoll(); e.register(0, 1)\n"
    "e.poll()",
    "another program": "import os; os.write(1, b'name? '); os.execv('/bin/cat', ['cat'])",
}


@pytest.mark.parametrize("kind", READERS)
def test_waiting_for_input_is_told_at_once(supervise: Supervise, kind: str):
    """The outcome is waiting-for-input, with the prompt, and no time has passed."""
    trace = supervise(READERS[kind])
    assert trace.outcome is Outcome.WAITING_FOR_INPUT
    assert only(trace, AskedForInput).prompt == "name? "
    assert trace.duration < SECOND
    assert [each.obstacle for each in trace.blocked] == [WaitReason.INPUT]


def test_the_prompt_was_printed(supervise: Supervise):
    """A prompt is a line without a newline, printed before the question."""
    trace = supervise("print('hello'); input('name? ')")
    prompt = only(trace, Printed, text="name? ")
    assert not prompt.ended
    assert output(trace) == ["hello", "name? "]
    assert trace.events.index(prompt) < trace.events.index(only(trace, AskedForInput))


def test_the_prompt_of_input_is_on_stderr(supervise: Supervise):
    """CPython without readline writes it there; both streams are one terminal."""
    trace = supervise("input('name? ')")
    assert only(trace, Printed).stream in (Stream.STDERR, Stream.STDOUT)


def test_input_after_a_sleep(supervise: Supervise):
    """The question is asked when its time has come, not before."""
    trace = supervise("import time; time.sleep(3); input('now? ')")
    assert only(trace, AskedForInput).at > 3 * SECOND


def test_others_go_on_while_one_waits_for_input(supervise: Supervise):
    """Only when nobody can go on any more is the run over."""
    trace = supervise(
        """
        import time
        from multiprocessing import Process

        def work():
            time.sleep(5)
            print("worked")

        if __name__ == "__main__":
            Process(target=work).start()
            input("well? ")
        """
    )
    assert trace.outcome is Outcome.WAITING_FOR_INPUT
    assert "worked" in output(trace)


def test_input_with_a_time_out_goes_on(supervise: Supervise):
    """A select with a time-out on stdin is no endless wait."""
    trace = supervise("import select; print(select.select([0], [], [], 5))")
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["([], [], [])"]


def test_input_in_a_child_is_the_end_of_a_file(supervise: Supervise):
    """Multiprocessing gives children /dev/null: their input() is an EOFError."""
    trace = supervise(
        """
        from multiprocessing import Process

        def work():
            try: input()
            except EOFError: print("nothing to read")

        if __name__ == "__main__":
            p = Process(target=work)
            p.start()
            p.join()
        """
    )
    assert trace.outcome is Outcome.FINISHED
    assert output(trace) == ["nothing to read"]
