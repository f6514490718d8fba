"""``prints``: who printed what, and whether it is the truth about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Status
from grader.trace import MAIN, Location, StartMethod, Stream
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, WORKERS, happened, judgements, said, verdict

HELLO = {"prints": {"text": "hello *", "by": "child"}}
GREETINGS = {"prints": {"text": "hello *", "by": "workers", "each": True}}
PIDS = {"prints": {"text": "child {pid} of {ppid}", "by": "child"}}


def one_child(*lines: str) -> Story:
    """A child ``p`` that prints these lines."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", line=9)
    for index, line in enumerate(lines):
        story.prints(child, line, at=s(0.02 + index / 100))
    story.ends(child, at=s(1))
    return story


def test_a_line_of_the_child() -> None:
    """The line is there, and it is the child's."""
    assert verdict(one_child("hello Li"), HELLO, ONE_CHILD).status is Status.PASSED


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=9)))
def test_other_lines_do_not_matter(lines: list[str]) -> None:
    """Whatever else is printed, before, after and by whom, a line that is there is there."""
    story = one_child(*lines, "hello Li", *lines)
    for line in lines:
        story.prints(MAIN, line, at=s(0.5))
    assert verdict(story, HELLO, ONE_CHILD).status is Status.PASSED


def test_printed_by_main_instead() -> None:
    """The right line by the wrong process."""
    story = one_child()
    story.prints(MAIN, "hello Li", at=s(0.005))
    assert said(verdict(story, HELLO, ONE_CHILD)) == [
        "“hello Li” was printed by main, not by p.",
        "A child executes what its `target` does, and nothing else. All the rest of the script is "
        "main's own work.",
        "Which line prints it, and from where is that line called?",
    ]


@pytest.mark.parametrize("sooner", [1, 2])
def test_printed_by_several_instead(sooner: int) -> None:
    """Which of two processes prints first is chance, and of which one is told is not."""
    story = Story()
    for child in (story.start(at=s(0.01)), story.start(at=s(0.02))):
        story.prints(child, "done", at=s(0.1 if child == sooner else 0.2))
    check = {"prints": {"text": "done", "by": "main"}}
    assert happened(verdict(story, check, WORKERS)) == (
        "“done” was printed by Process-1, not by main."
    )


def test_printed_by_a_child_instead_of_main() -> None:
    """The other way round."""
    check = {"prints": {"text": "hello *", "by": "main"}}
    found = verdict(one_child("hello Li"), check, ONE_CHILD)
    assert happened(found) == "“hello Li” was printed by p, not by main."
    assert not found.missing


def test_nearly_the_right_line() -> None:
    """What differs is shown beside what is asked for."""
    check = {"prints": {"text": "hello world", "by": "child"}}
    assert said(verdict(one_child("Hello World!"), check, ONE_CHILD)) == [
        "p printed “Hello World!”; the task asks for “hello world”.",
        "The text is compared with that of the task. White space beside punctuation makes no "
        "difference; letters, capitals and punctuation marks do.",
        "Where exactly do the two differ?",
    ]


def test_another_line_of_the_task_is_no_try_at_this_one() -> None:
    """``456`` is asked for as well, so it is not taken for a misspelled ``end456``."""
    talker = {"child": {"children-of": "main", "prints": "456", "count": 1}}
    check = {"prints": {"text": "end456", "by": "child"}}
    found = verdict(one_child("456"), check, talker)
    assert happened(found) == "p did not print “end456”."
    assert found.missing


def test_nothing_at_all() -> None:
    """A silent process."""
    found = verdict(one_child(), HELLO, ONE_CHILD)
    assert said(found) == [
        "p printed nothing at all; the task asks for “hello …”.",
        "Either no line of the script prints this text, or the process never came to it.",
        "Which line of your script should print it, and which process runs that line?",
    ]
    assert found.missing
    assert found.about == {1}


def test_something_quite_different() -> None:
    """A process that talks of other things."""
    found = verdict(one_child("12345"), HELLO, ONE_CHILD)
    assert happened(found) == "p did not print “hello …”."


def test_nobody() -> None:
    """Where anybody may print it, nobody did."""
    found = verdict(one_child("12345"), {"prints": {"text": "hello *"}}, ONE_CHILD)
    assert happened(found) == "No process printed “hello …”."


def test_a_traceback_is_not_printed_by_the_script() -> None:
    """The source line in a traceback is no line that was printed."""
    story = one_child()
    story.raises(
        MAIN,
        'Traceback (most recent call last):\n  File "student.py", line 9, in <module>\n'
        "    hello Li\nNameError: hello Li",
        at=s(1.1),
    )
    check = {"prints": {"text": "*hello Li"}}
    assert verdict(story, check, ONE_CHILD).status is Status.FAILED


def test_stderr_counts() -> None:
    """On the terminal the two streams look alike."""
    story = one_child()
    story.prints(1, "hello Li", at=s(0.5), stream=Stream.STDERR)
    assert verdict(story, HELLO, ONE_CHILD).status is Status.PASSED


def workers(*who_prints: int) -> Story:
    """Three workers, of whom some print a greeting."""
    story = Story()
    for number in (1, 2, 3):
        worker = story.start(at=s(number / 100))
        if number in who_prints:
            story.prints(worker, f"hello {number}", at=s(0.1))
    return story


def test_each() -> None:
    """Everyone has to print it; who did not is named."""
    assert verdict(workers(1, 2, 3), GREETINGS, WORKERS).status is Status.PASSED
    found = verdict(workers(2), GREETINGS, WORKERS)
    assert happened(found) == (
        "Process-1 and Process-3 printed nothing at all; the task asks for “hello …”."
    )
    assert found.about == {1, 3}


def test_anyone_of_a_group() -> None:
    """Without ``each`` one of them is enough, and none is too few."""
    check = {"prints": {"text": "hello *", "by": "workers"}}
    assert verdict(workers(2), check, WORKERS).status is Status.PASSED
    assert happened(verdict(workers(), check, WORKERS)) == (
        "None of Process-1, Process-2 and Process-3 printed “hello …”."
    )


def test_times() -> None:
    """Exactly so often."""
    check = {"prints": {"text": "hello *", "by": "child", "times": 2}}
    assert verdict(one_child("hello 1", "hello 2"), check, ONE_CHILD).status is Status.PASSED
    found = verdict(one_child("hello 1", "hello 2", "hello 3"), check, ONE_CHILD)
    assert happened(found) == (
        "p printed a line like “hello …” 3 times: “hello 1”, “hello 2” and “hello 3”. The task "
        "asks for twice."
    )
    assert not found.missing
    assert verdict(one_child("hello 1"), check, ONE_CHILD).missing


def test_times_each() -> None:
    """With ``each`` every one of them so often."""
    check = {"prints": {"text": "hello *", "by": "workers", "each": True, "times": 1}}
    assert verdict(workers(1, 2, 3), check, WORKERS).status is Status.PASSED
    story = workers(1, 2, 3)
    story.prints(2, "hello again", at=s(0.2))
    assert happened(verdict(story, check, WORKERS)) == (
        "Process-2 printed a line like “hello …” twice: “hello 2” and “hello again”. The task asks "
        "for once."
    )


def test_never() -> None:
    """A line that must not appear."""
    check = {"prints": {"text": "end123", "never": True}}
    assert verdict(one_child("123"), check, ONE_CHILD).status is Status.PASSED
    assert happened(verdict(one_child("end123"), check, ONE_CHILD)) == (
        "p printed “end123” at 0.02 s."
    )


def test_a_daemon_that_lives_too_long() -> None:
    """It came to its last line because main's code was over only later."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", daemon=True)
    story.prints(child, "end123", at=s(1))
    story.code_ends(MAIN, at=s(3))
    check = {"prints": {"text": "end123", "never": True}}
    assert said(verdict(story, check, ONE_CHILD)) == [
        "p printed “end123” at 1.00 s.",
        "A daemon is ended when main's own code is over, and that was not until 3.00 s.",
        "What keeps main's code busy until then?",
    ]


@pytest.mark.parametrize(
    ("joined", "happened"),
    [
        (1, "Main waited for the daemon p (line 9), so p had time to print “end123” at 1.00 s."),
        (2, "Main waited for q (line 9), so the daemon p had time to print “end123” at 1.00 s."),
    ],
)
def test_a_daemon_that_a_wait_gave_time(joined: int, happened: str) -> None:
    """The line that is to blame is the one that waits, and not the one that prints."""
    story = Story()
    child = story.start(at=s(0.01), variable="p", daemon=True)
    story.start(at=s(0.02), variable="q")
    story.prints(child, "end123", at=s(1))
    story.ends(child, at=s(1.01))
    story.ends(2, at=s(3))
    story.waits(MAIN, joined, began=s(0.1), at=s(3.01), line=9)
    story.code_ends(MAIN, at=s(3.02))
    check = {"prints": {"text": "end123", "by": "any", "never": True}}
    found = verdict(story, check, {})
    assert said(found) == [
        happened,
        "A daemon is ended when main's own code is over, and that was not until 3.02 s.",
        "What would happen to p without that line?",
    ]
    assert found.feedback.line == Location("student.py", 9)


def test_true_pids() -> None:
    """The numbers are those of the process that printed them."""
    story = one_child()
    story.prints(1, f"child {story.pid(1)} of {story.pid(MAIN)}", at=s(0.5))
    assert verdict(story, PIDS, ONE_CHILD).status is Status.PASSED


def test_the_pid_of_main() -> None:
    """What the line says stands beside what is so, and whose the number is."""
    story = one_child()
    story.prints(1, f"child {story.pid(MAIN)} of 1", at=s(0.5))
    assert said(verdict(story, PIDS, ONE_CHILD)) == [
        "p printed “child 4321 of 1”. It says pid 4321, and the pid of p is 4324. 4321 is the pid "
        "of main.",
        "That is the number of its parent: `os.getppid()` returns it in the child, and so does "
        "`os.getpid()` where the parent calls it, wherever the answer goes.",
        "Which process runs the line that asks for it, and when?",
    ]


def test_the_two_numbers_swapped() -> None:
    """A process's own two numbers, each at the place of the other."""
    story = one_child()
    story.prints(1, f"child {story.pid(MAIN)} of {story.pid(1)}", at=s(0.5))
    assert said(verdict(story, PIDS, ONE_CHILD)) == [
        "p printed “child 4321 of 4324”. It says parent pid 4324, and the parent of p has 4321. "
        "4324 is the pid of p.",
        "`os.getpid()` gives the number of the process that calls it, `os.getppid()` that of its "
        "parent.",
        "Which of the two is asked for at this place of the line?",
    ]


def test_nearly_the_right_line_by_somebody_else() -> None:
    """A child that says nothing, and main that tries to say it in its place."""
    story = one_child()
    story.prints(MAIN, "child None of 4321", at=s(0.001))
    assert happened(verdict(story, PIDS, ONE_CHILD)) == (
        "“child None of 4321” was printed by main, not by p."
    )


def test_a_wrong_parent_pid() -> None:
    """A number that is nobody's."""
    story = one_child()
    story.prints(1, f"child {story.pid(1)} of 77", at=s(0.5))
    assert happened(verdict(story, PIDS, ONE_CHILD)) == (
        "p printed “child 4324 of 77”. It says parent pid 77, and the parent of p has 4321."
    )


def test_a_wrong_name() -> None:
    """A process's name is what multiprocessing calls it."""
    check = {"prints": {"text": "I am {name}", "by": "child"}}
    assert verdict(one_child("I am Process-1"), check, ONE_CHILD).status is Status.PASSED
    assert said(verdict(one_child("I am p"), check, ONE_CHILD))[0] == (
        "p printed “I am p”. It says the name p, and the name of p is Process-1."
    )


CHINESE = {"prints": {"text": "*你好 ABC*", "by": "child"}}


def test_bytes_in_place_of_a_text() -> None:
    """It is said that they are the text that was asked for."""
    line = repr("你好 ABC 4711".encode())
    assert said(verdict(one_child(line), CHINESE, ONE_CHILD)) == [
        f"p printed “{line}”. In that, “你好 ABC” is bytes and no text.",
        "What comes through a connection or a file is bytes. Printed, bytes show as `b'...'`, with "
        "a number for each one that is not ASCII.",
        "Where in your program do the bytes become a text?",
    ]


@pytest.mark.parametrize(("encoding", "errors"), [("gbk", "ignore"), ("latin-1", "strict")])
def test_a_text_read_in_another_encoding(encoding: str, errors: str) -> None:
    """Which one that was can be told from what came out."""
    line = "你好 ABC".encode().decode(encoding, errors)
    found = verdict(one_child(line), CHINESE, ONE_CHILD)
    assert happened(found).endswith(
        f"In that, “你好 ABC” was read as {encoding.upper()}, and it is UTF-8."
    )


NAMED = {"prints": {"text": "I am {name}", "by": "child"}}


@pytest.mark.parametrize(
    "line", ["print('I am Process-1')", "print('I am', name)  # name='Process-1'\nn = 'Process-1'"]
)
def test_a_name_that_is_written_out(line: str) -> None:
    """It happens to be the right one, and the script does not know it."""
    story = one_child("I am Process-1")
    found = verdict(story, NAMED, ONE_CHILD, code=f"{line}\n")
    where = line.count("\n") + 1
    assert said(found) == [
        "p printed “I am Process-1”. The name is written out in line "
        f"{where}, and no line asks for it.",
        "`multiprocessing` numbers the names in the order in which process objects are made. With "
        "one more before it, the name of p is another.",
        "Which object knows the name of the process that executes this line?",
    ]


@pytest.mark.parametrize(
    "asks",
    [
        "current_process().name",
        "f'{current_process()}'",
        "getattr(me, 'name')",
        "self",
        "logging.BASIC_FORMAT % record.processName",
    ],
)
def test_a_name_that_may_be_asked_for(asks: str) -> None:
    """Beside a text that has it, too."""
    code = f"print('Process-1?')\nprint('I am', {asks})\n"
    found = verdict(one_child("I am Process-1"), NAMED, ONE_CHILD, code=code)
    assert found.status is Status.PASSED


def test_the_name_of_a_thread() -> None:
    """It is said that threads have names as well."""
    found = verdict(
        one_child("MainThread"), {"prints": {"text": "*{name}*", "by": "child"}}, ONE_CHILD
    )
    assert said(found)[1] == (
        "The name of a thread is in it: each process has at least one thread, and threads have "
        "names of their own."
    )


def test_no_word_of_the_probe_on_the_name() -> None:
    """Where the name is not known any is as good."""
    story = Story()
    story.prints(story.start(at=s(0.01), name=None), "I am Bob", at=s(0.5))
    check = {"prints": {"text": "I am {name}", "by": "child"}}
    assert verdict(story, check, ONE_CHILD).status is Status.PASSED


@pytest.mark.parametrize(
    ("parent", "status"), [(0, Status.PASSED), (1, Status.PASSED), (2, Status.FAILED)]
)
def test_the_parent_of_a_child_by_way_of_a_fork_server(parent: int, status: Status) -> None:
    """``os.getppid()`` says the fork server, and ``multiprocessing.parent_process()`` main."""
    story = Story()
    server = story.helper(at=s(0.01))
    child = story.start(at=s(0.02), method=StartMethod.FORKSERVER, kernel_parent=server)
    pid = [story.pid(MAIN), story.pid(server), story.pid(child)][parent]
    story.prints(child, f"my parent is {pid}", at=s(0.5))
    check = {"prints": {"text": "my parent is {ppid}", "by": "child"}}
    assert verdict(story, check, ONE_CHILD).status is status


def test_long_lines_and_control_codes() -> None:
    """What a submission prints is shown short and harmless."""
    check = {"prints": {"text": "*", "never": True}}
    found = verdict(one_child("\x1b[2J" + "x" * 100), check, ONE_CHILD)
    assert happened(found) == "p printed “�[2J" + "x" * 55 + "…” at 0.02 s."


def test_the_right_text_several_times_in_one_line() -> None:
    """A text that was multiplied is one long line; where lines end is asked, and no hint given."""
    check = {"prints": {"text": "{name}: 小明!", "by": "child", "times": 3}, "hint": "Look there."}
    story = one_child("Process-1: 小明! Process-1：小明!Process-1: 小明！")
    (judged,) = judgements(story, check, cast=ONE_CHILD)
    assert said(judged.finding) == [
        "p printed “<name>: 小明!” 3 times within one line; the task asks for 3 lines.",
        "Each call of `print` ends the line once, after everything that it was given, and not at "
        "all if its `end` says so.",
        "Where does a line end in what your script prints, and how often?",
    ]
    assert judged.finding.hint is None
    check = {"prints": {"text": "子进程", "by": "child"}}
    assert happened(verdict(one_child("子进程 子进程"), check, ONE_CHILD)) == (
        "p printed “子进程” twice within one line; the task asks for a line of its own."
    )


def test_only_the_capitals_differ() -> None:
    """Also where any text may follow; the question is about the letters, and no hint leads away."""
    check = {"prints": {"text": "hello *", "by": "child"}, "hint": "Look at `target`."}
    (judged,) = judgements(one_child("Hello abc"), check, cast=ONE_CHILD)
    assert said(judged.finding) == [
        "p printed “Hello abc”; the task asks for “hello …”.",
        "A capital letter and a small letter are different characters, for Python too.",
        "Which letters are capitals in your line, and which are in the task?",
    ]
    assert judged.finding.hint is None


def test_a_first_word_that_is_nearly_right() -> None:
    """The first word tells what the line tries to be, where any text may follow it."""
    check = {"prints": {"text": "hello *", "by": "child"}}
    found = verdict(one_child("nothing like it", "hallo 小明，你好"), check, ONE_CHILD)
    assert happened(found) == "p printed “hallo 小明，你好”; the task asks for “hello …”."
    assert happened(verdict(one_child("Hi abc"), check, ONE_CHILD)) == (
        "p did not print “hello …”."
    )
