"""The exceptions that beginners meet, in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks.mistakes import EXCEPTIONS, explain
from grader.checks.mistakes.ending import detect_main_crashed
from grader.checks.mistakes.exceptions import ANY_EXCEPTION
from grader.submission import SourceFile
from grader.trace import MAIN
from grader.trace.tracebacks import Frame, Traceback
from tests.building import Story, s
from tests.checks.stage import context, sentences

SAMPLES = {
    "SyntaxError: invalid character '（' (U+FF08)": "`（` is not the character",
    "SyntaxError: invalid non-printable character U+00A0": "This line contains U+00A0",
    "SyntaxError: '(' was never closed": "The bracket `(` in this line",
    "SyntaxError: unterminated string literal (detected at line 3)": "A text begins in this line",
    "SyntaxError: EOL while scanning string literal": "A text begins in this line",
    "SyntaxError: source code string cannot contain null bytes": "The file contains bytes",
    "SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xd6": "Python reads a file as",
    "SyntaxError: Non-UTF-8 code starting with '\\xd6' in file x.py": "Python reads a file as",
    "SyntaxError: expected ':'": "A line that begins a block",
    "IndentationError: unexpected indent": "The indentation tells Python",
    "TabError: inconsistent use of tabs and spaces in indentation": "The indentation",
    "SyntaxError: invalid syntax": "Python reads the whole file",
    "AssertionError: cannot start a process twice": "A `Process` object stands for one process",
    "AssertionError: process has already started": "Whether a process is a daemon",
    "AssertionError: can only join a started process": "Waiting for the end of a process",
    "AssertionError: can only join a child process": "Only the process that started another",
    "AssertionError: daemonic processes are not allowed to have children": "A daemon is ended",
    "AssertionError: group argument must be None for now": "The first positional argument",
    "RuntimeError: An attempt has been made to start a new process before the\n"
    "        current process has finished its bootstrapping phase.": "Here a child is a fresh",
    "AssertionError: can only test a child process": "Only the process that started another can "
    "ask",
    "AssertionError: can only start a process object created by current process": (
        "A process object belongs to the process that made it"
    ),
    "AssertionError: name must be a string": "The name of a process is a text",
    "AttributeError: property 'pid' of 'Worker' object has no setter": "`pid` of a process is",
    "AttributeError: can't set attribute 'exitcode'": "`exitcode` of a process is given",
    "ValueError: process object is closed": "After `close()` the object no longer stands for",
    "ValueError: Cannot close a process while it is still running. You should first call join() or "
    "terminate().": "`close()` releases what is left",
    "RuntimeError: context has already been set": "The start method is chosen once",
    "ValueError: cannot find context for 'forks'": "There is no start method called `forks`.",
    "RuntimeError: Queue objects should only be shared between processes through inheritance": (
        "A Queue cannot be sent to a process that runs already."
    ),
    "PicklingError: Can't pickle <function <lambda> at 0x7f>: attribute lookup <lambda> on "
    "__main__ failed": "Here a child is a fresh Python: a function is sent to it by its name. A "
    "`lambda` has no name",
    "AttributeError: Can't pickle local object 'main.<locals>.f'": "Here a child is a fresh "
    "Python: a function is sent to it by its name. `main.<locals>.f` stands inside",
    "AttributeError: Can't get local object 'main.<locals>.f'": "Here a child is a fresh Python: a "
    "function is sent to it by its name. `main.<locals>.f` stands inside",
    "TypeError: cannot pickle '_thread.lock' object": "Here a child is a fresh Python: what it is "
    "given is packed up and sent to it. A `_thread.lock` belongs",
    "TypeError: Pickling an AuthenticationString object is disallowed for security reasons": (
        "A process object was given to a child."
    ),
    "PicklingError: Can't pickle <class 'multiprocessing.process._MainProcess'>: attribute lookup "
    "_MainProcess on multiprocessing.process failed": "Here a child is a fresh Python: what it",
    "AttributeError: Can't get attribute 'work' on <module '__mp_main__' from '/x/student.py'>": (
        "The child is a fresh Python that imports your file and looks there for `work`."
    ),
    "Empty": "The queue was asked not to wait, or for so long at most, and was empty",
    "Full": "The queue was asked not to wait, or for so long at most, and there was",
    "ValueError: Queue <multiprocessing.queues.Queue object at 0x7f> is closed": "The queue was",
    "EOFError": "The other end of the connection was closed",
    "OSError: handle is closed": "This end of the pipe cannot be used for that",
    "OSError: connection is read-only": "This end of the pipe cannot be used for that",
    "ValueError: semaphore or lock released too many times": "This line releases a",
    "AssertionError: attempt to release recursive lock not owned by thread": (
        "Only the process that holds an `RLock`"
    ),
    "ValueError: Pool not running": "The pool was closed or ended",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable": "The system lets no more",
    "ProcessLookupError: [Errno 3] No such process": "There is no process with that number",
    "ChildProcessError: [Errno 10] No child processes": "There is no child left",
    "KeyboardInterrupt": "Control-C was pressed. At",
    "PermissionError: [Errno 13] Permission denied": "Ports below 1024 belong to the system",
    "BrokenPipeError: [Errno 32] Broken pipe": "The other side has closed",
    "ConnectionResetError: [Errno 104] Connection reset by peer": "The other side ended the",
    "TypeError: a bytes-like object is required, not 'str'": "A socket carries bytes,",
    "UnicodeDecodeError: 'gbk' codec can't decode byte 0xbd in position 8: illegal "
    "multibyte sequence": "The bytes are no text in the encoding",
    "UnicodeDecodeError: 'utf-8' codec can't decode bytes in position 0-1: "
    "unexpected end of data": "The bytes that arrived are not a",
    "OSError: [Errno 107] Transport endpoint is not connected": "This socket is not",
    "OSError: [Errno 9] Bad file descriptor": "The socket or file was closed",
    "TimeoutError: timed out": "Nothing came within the time",
    "gaierror: [Errno -2] Name or service not known": "There is no computer with that name.",
    "TypeError: 'module' object is not callable": "You called a module, that",
    "TypeError: greet() got multiple values for argument 'times'": "`times` is given twice",
    "TypeError: f() takes 1 positional argument but 2 were given": "`f()` was given 2 arguments",
    "TypeError: Worker.__init__() takes from 1 to 2 positional arguments but 3 were given": (
        "`Worker.__init__()` was given 3 arguments and takes no more than 2. The first is the new "
        "object"
    ),
    "TypeError: f() missing 2 required positional arguments: 'a' and 'b'": (
        "The function expects something for `a`, `b`,"
    ),
    "TypeError: 'int' object is not iterable": "`args` must be a sequence of",
    "TypeError: multiprocessing.process.BaseProcess.run argument after * must be an iterable, "
    "not int": "`args` must be a",
    "TypeError: 'NoneType' object is not callable": "What was to be called is not a",
    "TypeError: Process.__init__() got an unexpected keyword argument 'arg'": (
        "There is no parameter called `arg`."
    ),
    "AttributeError: 'NoneType' object has no attribute 'join'": "The value before `.join` is",
    "AssertionError: Process.__init__() not called": "A subclass of `Process` has",
    "AttributeError: 'Worker' object has no attribute '_closed'": "A subclass of `Process` has",
    "AttributeError: partially initialized module 'multiprocessing' has no attribute 'Process' "
    "(most likely due to a circular import)": "Your script, or a file beside it",
    "ImportError: cannot import name 'Process' from 'multiprocessing' "
    "(/home/li/multiprocessing.py)": "Your script, or a file beside it",
    "AttributeError: 'Process' object has no attribute 'strat'": "There is nothing called `strat`",
    "NameError: name 'p' is not defined": "There is no `p` at this place.",
    "ModuleNotFoundError: No module named 'multiprocess'": "There is no module called",
    "ImportError: cannot import name 'process' from 'multiprocessing' "
    "(/usr/lib/python3.11/multiprocessing/__init__.py)": "The module `multiprocessing` has",
    "EOFError: EOF when reading a line": "A child has no keyboard",
    "ConnectionRefusedError: [Errno 111] Connection refused": "No server listens",
    "OSError: [Errno 98] Address already in use": "The port is still taken",
    "OSError: [Errno 99] Cannot assign requested address": "A server can only listen at an",
    'TypeError: can only concatenate str (not "int") to str': "A text and a number cannot",
    "TypeError: unsupported operand type(s) for +: 'int' and 'str'": "A text and a number",
    "KeyError: 'x'": "What was asked for is not in there.",
    "RecursionError: maximum recursion depth exceeded": "A function calls itself",
    "BrokenProcessPool: A process in the process pool was terminated": "A worker of the pool ended",
    "ZeroDivisionError: division by zero": "An uncaught exception ends its",
}


QUESTIONS = {
    "AssertionError: cannot start a process twice": (
        "How many processes do you want, and how many objects does your script make?"
    ),
    "AssertionError: can only join a child process": "Who waits for whom here?",
    "AssertionError: can only test a child process": (
        "Which process started the one that is asked for here?"
    ),
    "AssertionError: can only start a process object created by current process": (
        "In which process is the object created, and in which is it started?"
    ),
    "AssertionError: daemonic processes are not allowed to have children": (
        "Which statement lets a process go on after an error? Or else: which process could start "
        "these children?"
    ),
    "AssertionError: name must be a string": (
        "What is given as the name, and how does a text look in Python?"
    ),
    "AttributeError: can't set attribute 'exitcode'": (
        "What do you want to keep there, and what else could you call it?"
    ),
    "ValueError: process object is closed": (
        "Which line closes it, and what is still to be asked afterwards?"
    ),
    "RuntimeError: context has already been set": (
        "How often does the line run that chooses it, and where does it stand?"
    ),
    "RuntimeError: An attempt has been made to start a new process before the\n"
    "        current process has finished its bootstrapping phase.": (
        "How can a line be made to run only in main and not at the import?"
    ),
    "AssertionError: Process.__init__() not called": "What does your `__init__` have to do first?",
    "EOFError: EOF when reading a line": "Which process should ask?",
    "Empty": "Who puts something into it, and is that surely done by then?",
    "Full": "Who takes something out of it, and when?",
    "EOFError": "Who closes the other end, and how does this side notice that it is the end?",
    "OSError: connection is read-only": (
        "Which end does each process hold, and what may it do with it?"
    ),
    "ValueError: semaphore or lock released too many times": (
        "Which line takes the lock, and is it executed before this one, in the same way?"
    ),
    "ValueError: Pool not running": (
        "Where does the `with` block of the pool end, or its `close()` come?"
    ),
    "ConnectionRefusedError: [Errno 111] Connection refused": (
        "Which address and port does the task name, and is a server listening there by then?"
    ),
    "OSError: [Errno 98] Address already in use": (
        "Which option lets a server take its port again at once?"
    ),
    "PermissionError: [Errno 13] Permission denied": "Which port does the task ask for?",
    "BrokenPipeError: [Errno 32] Broken pipe": (
        "How does this side notice that the other side no longer listens?"
    ),
    "TypeError: a bytes-like object is required, not 'str'": (
        "How does a text become bytes, and how do bytes become a text again?"
    ),
    "UnicodeDecodeError: 'utf-8' codec can't decode bytes in position 0-1: "
    "unexpected end of data": (
        "How much does one `recv` bring, and what tells you that this is the whole message?"
    ),
    "OSError: [Errno 107] Transport endpoint is not connected": (
        "Which of your sockets is this one, and which one is connected?"
    ),
    "TypeError: Process.__init__() got an unexpected keyword argument 'arg'": (
        "Which parameters does it have, and how are they spelled?"
    ),
    "AttributeError: partially initialized module 'multiprocessing' has no attribute 'Process' "
    "(most likely due to a circular import)": "What is your own file called?",
    "TypeError: 'NoneType' object is not callable": (
        "Is the function itself passed on here, or what it returned?"
    ),
    'TypeError: can only concatenate str (not "int") to str': (
        "Which of the two values is no text, and how does it become one?"
    ),
    "RecursionError: maximum recursion depth exceeded": "When should it stop?",
    "OSError: [Errno 99] Cannot assign requested address": "Which address does the task ask for?",
    "ConnectionResetError: [Errno 104] Connection reset by peer": (
        "What should happen to this process when a partner leaves?"
    ),
    "OSError: [Errno 9] Bad file descriptor": "Which line closes it, and in which process?",
    "TimeoutError: timed out": "Who should have sent something by then, and did it?",
    "gaierror: [Errno -2] Name or service not known": (
        "To which address do you want to connect, and is it spelled right?"
    ),
    "ValueError: Cannot close a process while it is still running. You should first call join() or "
    "terminate().": "What has to have happened to the process before?",
    "ValueError: cannot find context for 'forks'": (
        "Which start methods are there on this system, and how exactly are they spelled?"
    ),
    "RuntimeError: Queue objects should only be shared between processes through inheritance": (
        "When does the child learn it, and through which parameter?"
    ),
    "PicklingError: Can't pickle <function <lambda> at 0x7f>: attribute lookup <lambda> on "
    "__main__ failed": "How does a function get a name by which others find it?",
    "AttributeError: Can't pickle local object 'main.<locals>.f'": (
        "Where must a function stand so that the child can find it by its name?"
    ),
    "TypeError: cannot pickle '_thread.lock' object": (
        "What does the child need of it, and could it make that itself?"
    ),
    "TypeError: Pickling an AuthenticationString object is disallowed for security reasons": (
        "Which of its values does the child really need?"
    ),
    "AttributeError: Can't get attribute 'work' on <module '__mp_main__' from '/x/student.py'>": (
        "What does your file define when it is imported and not run?"
    ),
    "ValueError: Queue <multiprocessing.queues.Queue object at 0x7f> is closed": (
        "Which line closes it, and which processes still need it?"
    ),
    "AssertionError: attempt to release recursive lock not owned by thread": (
        "Which process took the lock?"
    ),
    "BlockingIOError: [Errno 11] Resource temporarily unavailable": (
        "How many processes does your script start, and which line decides that?"
    ),
    "ProcessLookupError: [Errno 3] No such process": (
        "Who could say, before the signal is sent, whether it is still there?"
    ),
    "ChildProcessError: [Errno 10] No child processes": (
        "Which line collects the end of the child before this one?"
    ),
    "KeyboardInterrupt": "What should each process do when it is interrupted?",
    "SyntaxError: invalid character '（' (U+FF08)": (
        "Which punctuation marks in this line are full-width ones?"
    ),
    "SyntaxError: '(' was never closed": "Where should it be closed?",
    "SyntaxError: unterminated string literal (detected at line 3)": "Where should the text end?",
    "SyntaxError: Non-UTF-8 code starting with '\\xd6' in file x.py": (
        "In which encoding does your editor save the file?"
    ),
    "SyntaxError: expected ':'": "Which of the lines here begins a block?",
    "IndentationError: unexpected indent": (
        "To which block does this line belong, and is it indented like the others there?"
    ),
    "SyntaxError: invalid syntax": (
        "What is missing or too much here, or at the end of the line before?"
    ),
    "TypeError: Worker.__init__() takes from 1 to 2 positional arguments but 3 were given": (
        "Which parameters has your `__init__`, from the first one on?"
    ),
    "TypeError: f() takes 1 positional argument but 2 were given": (
        "Which values are handed over here, and which does the function expect?"
    ),
    "TypeError: f() missing 2 required positional arguments: 'a' and 'b'": (
        "What should be passed for `a`, `b`, and where does `Process` take it?"
    ),
    "TypeError: greet() got multiple values for argument 'times'": (
        "Which value goes to which parameter here?"
    ),
    "TypeError: 'module' object is not callable": (
        "What exactly is the class called that you mean?"
    ),
    "AttributeError: 'NoneType' object has no attribute 'join'": (
        "Which line gave this name its value, and what does that line return?"
    ),
    "AttributeError: 'Process' object has no attribute 'strat'": (
        "Is `strat` spelled right, and is the object what you take it for?"
    ),
    "ImportError: cannot import name 'process' from 'multiprocessing' "
    "(/usr/lib/python3.11/multiprocessing/__init__.py)": "How exactly is it spelled?",
    "ZeroDivisionError: division by zero": (
        "What was the value of each name in that line just then?"
    ),
}
"""What a student is to ask after some of them: about the script, never the solution itself."""


IN_THE_LIBRARY = {
    "AttributeError: 'NoneType' object has no attribute 'terminate'": (
        "The process has not been started yet, so there is nothing that `terminate` could end.",
        "In which order do your lines start the process and end it?",
        "The value before `.terminate`",
    ),
    "ValueError: dictionary update sequence element #0 has length 4; 2 is required": (
        "`kwargs` gives values to parameters by their names, so it must be a dictionary. This is "
        "not one.",
        "What in Python holds a name and its value together?",
        "An uncaught exception ends its",
    ),
}
"""Errors that mean something else where the student's own code raises them."""


THROUGH = {
    ("PicklingError: Can't pickle <function <lambda>>", "pool.py", "get"): (
        "What is sent to another process is pickled first."
    ),
    ("TypeError: cannot pickle '_thread.lock' object", "connection.py", "send"): (
        "What is sent to another process is pickled first."
    ),
    ("AttributeError: Can't get attribute 'f' on <module '__main__'", "queues.py", "get"): (
        "The process that takes this looks for `f` among its own names"
    ),
    ("OSError: [Errno 22] Invalid argument", "socket.py", "accept"): (
        "A socket accepts connections only after it was told to listen."
    ),
}
"""Errors that come through a file of the library: the way says what they are."""


def reported(last_line: str, *paths: str, function: str = "f") -> Traceback:
    kind, _, message = last_line.partition(": ")
    frames = tuple(Frame(path, 9, function) for path in paths)
    return Traceback(MAIN, 0, kind, message, frames, ())


@pytest.mark.parametrize(("last_line", "why"), SAMPLES.items())
def test_why_it_comes(last_line: str, why: str) -> None:
    """Each is told in plain words, with the student's own names, and ends with a question."""
    report = reported(last_line)
    told, question = sentences(explain(report).feedback(report))
    assert told.startswith(why)
    assert question.endswith("?")
    assert "{" not in told + question


@pytest.mark.parametrize(("last_line", "question"), QUESTIONS.items())
def test_what_to_ask_next(last_line: str, question: str) -> None:
    """The question goes on from why the error came."""
    report = reported(last_line)
    assert sentences(explain(report).feedback(report))[1] == question


@pytest.mark.parametrize(("last_line", "whys"), IN_THE_LIBRARY.items())
def test_where_it_was_raised(last_line: str, whys: tuple[str, str, str]) -> None:
    """The library's own error is told apart from the same words in the student's code."""
    deep = reported(last_line, "student.py", "/usr/lib/python3.11/multiprocessing/process.py")
    assert sentences(explain(deep).feedback(deep)) == list(whys[:2])
    own = reported(last_line, "student.py")
    assert sentences(explain(own).feedback(own))[0].startswith(whys[2])


@pytest.mark.parametrize(("way", "why"), THROUGH.items())
def test_the_way_that_an_error_came(way: tuple[str, str, str], why: str) -> None:
    """What is sent to a process that runs is not what a spawned one is given."""
    assert sentences(explain(_come_through(way)).feedback(_come_through(way)))[0].startswith(why)


def _come_through(way: tuple[str, str, str]) -> Traceback:
    last_line, file, function = way
    return reported(last_line, f"/lib/python3.11/multiprocessing/{file}", function=function)


def test_every_row_is_met() -> None:
    """No row stands behind another that takes all of its errors."""
    met = [explain(reported(last_line)) for last_line in SAMPLES]
    met += [explain(_come_through(way)) for way in THROUGH]
    met += [explain(reported(each, "/lib/python3.11/multiprocessing/x")) for each in IN_THE_LIBRARY]
    assert [row for row in EXCEPTIONS if row not in met] == []


def test_an_endless_message() -> None:
    """A submission that raises a megabyte is answered at once."""
    report = reported("TypeError: " + "f()" * 10**6)
    assert explain(report) is ANY_EXCEPTION


@pytest.mark.parametrize(
    ("last", "files", "is_told"),
    [
        ("AttributeError: module 'select' has no attribute 'select'", ("select.py",), True),
        ("AttributeError: module 'select' has no attribute 'selct'", ("beside.py",), False),
        (
            "ImportError: cannot import name 'Lock' from 'threading' (unknown)",
            ("threading/__init__.py",),
            True,
        ),
        (
            "ModuleNotFoundError: No module named 'json.tool'; 'json' is not a package",
            ("json.py",),
            True,
        ),
        ("AttributeError: module 'tools' has no attribute 'f'", ("tools.py",), False),
    ],
)
def test_a_file_called_like_a_module_of_the_library(
    last: str, files: tuple[str, ...], is_told: bool
) -> None:
    """Whoever asks that module for what it should have gets it from the student's file."""
    story = Story()
    story.raises(MAIN, f"Traceback (most recent call last):\n{last}", at=s(0.1))
    played = context(story)
    beside = tuple(SourceFile(name, b"") for name in files)
    handed_in = replace(played.submission, files=(*played.submission.files, *beside))
    (found,) = detect_main_crashed(replace(played, submission=handed_in))
    assert found.feedback.why is not None
    why = found.feedback.why.in_language("en")
    assert why.startswith("Your script, or a file beside it, is called like") == is_told


def test_a_file_that_was_left_behind() -> None:
    """What is beside the script is not there when it runs, unless the code names it."""
    story = Story()
    last = "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/x/names.txt'"
    story.raises(MAIN, f"Traceback (most recent call last):\n{last}", at=s(0.1))
    played = context(story)
    for left, is_told in ((("data/names.txt",), True), (("other.txt",), False)):
        beside = replace(played.submission, left_behind=left)
        (found,) = detect_main_crashed(replace(played, submission=beside))
        assert found.feedback.why is not None
        why = found.feedback.why.in_language("en")
        assert why.startswith("A file of that name lies beside your script. ") == is_told
