"""The exceptions of multiprocessing that beginners meet, in plain words."""

from __future__ import annotations

from grader.checks.mistakes.model import RaisedException
from grader.exercise import Daemon
from grader.messages import say

_SENT = r"\b(?:pool|queues|connection|managers)\.py$|\bfutures\b"
"""Files of the library through which something is sent to a process that runs already."""

PROCESS_ERRORS: tuple[RaisedException, ...] = (
    RaisedException(
        "started-twice",
        "AssertionError",
        r"cannot start a process twice",
        say(
            "A `Process` object stands for one process, and a process lives only once. It can be "
            "started only once."
        ),
        say("How many processes do you want, and how many objects does your script make?"),
        ("count",),
    ),
    RaisedException(
        "daemon-set-after-start",
        "AssertionError",
        r"process has already started",
        say(
            "Whether a process is a daemon is decided when it is started. Once it runs, that "
            "cannot be changed: it is an error, and none of the lines after this one is executed."
        ),
        say("At what time must a process know that it is a daemon?"),
        ("daemon", "ended"),
        lambda check: not isinstance(check.parameters, Daemon) or check.parameters.is_,
    ),
    RaisedException(
        "join-before-start",
        "AssertionError",
        r"can only join a started process",
        say("Waiting for the end of a process makes sense only when it was started before."),
        say("In which order do your lines create, start and wait for the process?"),
        ("waited",),
    ),
    RaisedException(
        "join-on-another",
        "AssertionError",
        r"can only join a child process",
        say(
            "Only the process that started another can wait for it. This one waits for itself, or "
            "for one that a different process started."
        ),
        say("Who waits for whom here?"),
        ("waited",),
    ),
    RaisedException(
        "is-alive-of-another",
        "AssertionError",
        r"can only test a child process",
        say(
            "Only the process that started another can ask whether it is alive. This one was "
            "started by a different process."
        ),
        say("Which process started the one that is asked for here?"),
    ),
    RaisedException(
        "start-of-another",
        "AssertionError",
        r"can only start a process object created by current process",
        say(
            "A process object belongs to the process that made it, and only that one can start it."
        ),
        say("In which process is the object created, and in which is it started?"),
        ("count", "started-by"),
    ),
    RaisedException(
        "daemon-with-children",
        "AssertionError",
        r"daemonic processes are not allowed to have children",
        say(
            "A daemon is ended without notice. Its own children would then be left alone, so it "
            "may have none."
        ),
        say(
            "Which statement lets a process go on after an error? Or else: which process could "
            "start these children?"
        ),
    ),
    RaisedException(
        "target-as-group",
        "AssertionError",
        r"group argument must be None",
        say(
            "The first positional argument of `Process` is `group`, which is never used. So what "
            "is given first is not taken for what it is meant to be."
        ),
        say("Which parameter of `Process` is meant there, and how is it given by its name?"),
        ("count", "started-by"),
    ),
    RaisedException(
        "kwargs-no-dictionary",
        "ValueError|TypeError",
        r"dictionary update sequence",
        say(
            "`kwargs` gives values to parameters by their names, so it must be a dictionary. This "
            "is not one."
        ),
        say("What in Python holds a name and its value together?"),
        ("prints",),
        in_library=True,
    ),
    RaisedException(
        "name-no-text",
        "AssertionError",
        r"name must be a string",
        say("The name of a process is a text, and here it is given something else."),
        say("What is given as the name, and how does a text look in Python?"),
        ("named",),
    ),
    RaisedException(
        "end-before-start",
        "AttributeError",
        r"'NoneType' object has no attribute '(?P<method>terminate|kill)'",
        say("The process has not been started yet, so there is nothing that `{method}` could end."),
        say("In which order do your lines start the process and end it?"),
        ("ended",),
        in_library=True,
    ),
    RaisedException(
        "attribute-read-only",
        "AttributeError",
        r"(?:property|set attribute) '(?P<name>pid|ident|exitcode|sentinel)'",
        say(
            "`{name}` of a process is given by the system and by the process itself. It can only "
            "be read."
        ),
        say("What do you want to keep there, and what else could you call it?"),
    ),
    RaisedException(
        "process-closed",
        "ValueError",
        r"process object is closed",
        say(
            "After `close()` the object no longer stands for a process and answers no questions "
            "about one."
        ),
        say("Which line closes it, and what is still to be asked afterwards?"),
    ),
    RaisedException(
        "close-while-running",
        "ValueError",
        r"Cannot close a process while it is still running",
        say(
            "`close()` releases what is left of a process that has ended. This one is still at "
            "work."
        ),
        say("What has to have happened to the process before?"),
    ),
    RaisedException(
        "no-main-guard",
        "RuntimeError",
        r"bootstrapping phase",
        say(
            "Here a child is a fresh Python that imports your file first. The line that starts the "
            "process is executed there again, before the child is ready."
        ),
        say("How can a line be made to run only in main and not at the import?"),
        ("count", "source", "clean"),
    ),
    RaisedException(
        "start-method-set-twice",
        "RuntimeError",
        r"context has already been set",
        say(
            "The start method is chosen once for the whole program, before the first process. Here "
            "it is chosen for a second time."
        ),
        say("How often does the line run that chooses it, and where does it stand?"),
    ),
    RaisedException(
        "start-method-unknown",
        "ValueError",
        r"cannot find context for '(?P<name>[^']*)'",
        say("There is no start method called `{name}`."),
        say("Which start methods are there on this system, and how exactly are they spelled?"),
    ),
    RaisedException(
        "shared-too-late",
        "RuntimeError",
        r"(?P<kind>\w+) objects should only be shared between processes through inheritance",
        say(
            "A {kind} cannot be sent to a process that runs already. It must be handed over when "
            "the process is made."
        ),
        say("When does the child learn it, and through which parameter?"),
    ),
    RaisedException(
        "not-sendable",
        "PicklingError|AttributeError|TypeError",
        r"(?i:pickle)|local object",
        say(
            "What is sent to another process is pickled first. Functions are pickled by their "
            "names, under which the other process looks for them; a `lambda` has none, and a "
            "generator, a lock or an open file cannot be pickled."
        ),
        say("What exactly is sent there, and which part of it does the other process need?"),
        through=_SENT,
    ),
    RaisedException(
        "lambda-as-target",
        "PicklingError|AttributeError",
        r"<lambda>",
        say(
            "Here a child is a fresh Python: a function is sent to it by its name. A `lambda` has "
            "no name that the child could find."
        ),
        say("How does a function get a name by which others find it?"),
        ("count",),
    ),
    RaisedException(
        "inner-function-as-target",
        "PicklingError|AttributeError",
        r"local object '(?P<name>[^']+)'",
        say(
            "Here a child is a fresh Python: a function is sent to it by its name. `{name}` stands "
            "inside another function, where the child cannot find it."
        ),
        say("Where must a function stand so that the child can find it by its name?"),
        ("count",),
    ),
    RaisedException(
        "value-not-picklable",
        "TypeError",
        r"cannot pickle '(?P<kind>[^']+)'",
        say(
            "Here a child is a fresh Python: what it is given is packed up and sent to it. A "
            "`{kind}` belongs to this process and cannot be packed."
        ),
        say("What does the child need of it, and could it make that itself?"),
        ("count",),
    ),
    RaisedException(
        "process-as-argument",
        "TypeError",
        r"AuthenticationString object is disallowed",
        say(
            "A process object was given to a child. It belongs to the process that created it and "
            "cannot be sent to another."
        ),
        say("Which of its values does the child really need?"),
        ("count",),
    ),
    RaisedException(
        "function-not-picklable",
        "PicklingError|AttributeError|TypeError",
        r"(?i:pickle)",
        say(
            "Here a child is a fresh Python: what it is given is packed up and sent to it, and a "
            "function is sent by its name. A lambda or an inner function has no name that the "
            "child could find."
        ),
        say("Where must a function stand so that the child can find it by its name?"),
        ("count",),
    ),
    RaisedException(
        "name-not-yet-known",
        "AttributeError",
        r"Can't get attribute '(?P<name>[^']+)' on <module",
        say(
            "The process that takes this looks for `{name}` among its own names and does not find "
            "it: it has a copy of the program from the moment at which it was started."
        ),
        say("What does your file define before that process is started, and what only afterwards?"),
        through=r"\b(?:pool|queues|connection)\.py$",
    ),
    RaisedException(
        "name-only-in-main",
        "AttributeError",
        r"Can't get attribute '(?P<name>[^']+)' on <module",
        say(
            "The child is a fresh Python that imports your file and looks there for `{name}`. It "
            "does not find it: perhaps it is only made in main."
        ),
        say("What does your file define when it is imported and not run?"),
    ),
    RaisedException(
        "no-super-init",
        "AttributeError|AssertionError",
        r"Process\.__init__\(\) not called|'_(?:closed|popen|config|parent_pid)'",
        say(
            "A subclass of `Process` has an `__init__` of its own, and it never calls the one of "
            "`Process`. So the object was never set up."
        ),
        say("What does your `__init__` have to do first?"),
    ),
    RaisedException(
        "input-in-child",
        "EOFError",
        r"EOF when reading a line",
        say("A child has no keyboard: its input is empty, so `input()` finds the end at once."),
        say("Which process should ask?"),
    ),
    RaisedException(
        "queue-empty",
        "Empty",
        r"^$",
        say("The queue was asked not to wait, or for so long at most, and was empty then."),
        say("Who puts something into it, and is that surely done by then?"),
    ),
    RaisedException(
        "queue-full",
        "Full",
        r"^$",
        say(
            "The queue was asked not to wait, or for so long at most, and there was no room in it."
        ),
        say("Who takes something out of it, and when?"),
    ),
    RaisedException(
        "queue-closed",
        "ValueError",
        r"Queue .*is closed",
        say("The queue was closed in this process, so nothing can go through it any more."),
        say("Which line closes it, and which processes still need it?"),
    ),
    RaisedException(
        "pipe-closed-by-other",
        "EOFError",
        r"^$",
        say("The other end of the connection was closed, and nothing more will come."),
        say("Who closes the other end, and how does this side notice that it is the end?"),
    ),
    RaisedException(
        "pipe-end-unusable",
        "OSError",
        r"handle is closed|connection is (?:read|write)-only",
        say(
            "This end of the pipe cannot be used for that: it was closed, or it goes in the other "
            "direction only."
        ),
        say("Which end does each process hold, and what may it do with it?"),
    ),
    RaisedException(
        "lock-released-twice",
        "ValueError",
        r"semaphore or lock released too many times",
        say("This line releases a lock that is not held at this moment."),
        say("Which line takes the lock, and is it executed before this one, in the same way?"),
    ),
    RaisedException(
        "lock-of-another",
        "AssertionError",
        r"attempt to release recursive lock not owned",
        say(
            "Only the process that holds an `RLock` can release it, and this one does not hold it."
        ),
        say("Which process took the lock?"),
    ),
    RaisedException(
        "pool-broken",
        "BrokenProcessPool",
        r"",
        say(
            "A worker of the pool ended in the middle of its work, by `os._exit` or by a signal, "
            "say. With it the whole pool is broken, and every result that is still missing."
        ),
        say("What does the worker do just then, and what could end it?"),
    ),
    RaisedException(
        "pool-closed",
        "ValueError",
        r"Pool not running",
        say("The pool was closed or ended earlier, and takes no more work."),
        say("Where does the `with` block of the pool end, or its `close()` come?"),
    ),
    RaisedException(
        "too-many-processes",
        "BlockingIOError|OSError",
        r"\[Errno 11\]|Cannot allocate memory",
        say("The system lets no more processes be started: there are too many already."),
        say("How many processes does your script start, and which line decides that?"),
        ("count",),
    ),
    RaisedException(
        "no-such-process",
        "ProcessLookupError",
        r"No such process",
        say("There is no process with that number any more: it has ended before."),
        say("Who could say, before the signal is sent, whether it is still there?"),
    ),
    RaisedException(
        "no-such-child",
        "ChildProcessError",
        r"No child processes",
        say(
            "There is no child left for which this process could wait: each can be collected only "
            "once."
        ),
        say("Which line collects the end of the child before this one?"),
    ),
    RaisedException(
        "keyboard-interrupt",
        "KeyboardInterrupt",
        r"",
        say("Control-C was pressed. At a terminal that reaches main and all of its children."),
        say("What should each process do when it is interrupted?"),
    ),
)
