"""The exceptions that beginners meet, in plain words.

A row says which exception it is about, why it comes, what to ask oneself, and which relation
is best to tell it. The first row that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from grader.checks.diagnosis.model import no_preference
from grader.exercise import Check, Relation
from grader.messages import Message, Text, say
from grader.trace.tracebacks import Traceback

_READ_AT_MOST = 1000
"""Characters of a message: a submission can make one as long as it likes."""


@dataclass(frozen=True)
class Explanation:
    """``type`` and ``message`` are regular expressions; the named groups of ``message`` fill the
    holes of the two texts. ``told_by``: the relations whose check is best to tell it.
    """

    type: str
    message: str
    why: Message
    next: Message
    told_by: tuple[Relation, ...] = ()
    best_told_by: Callable[[Check], bool] = no_preference

    def fits(self, report: Traceback) -> bool:
        return re.fullmatch(self.type, report.type) is not None and self._match(report) is not None

    def texts(self, report: Traceback) -> tuple[Text, Text]:
        """Why it comes and what to ask, with the student's own words in them."""
        match = self._match(report)
        values = {} if match is None else match.groupdict("")
        return Message(self.why.text, values), Message(self.next.text, values)

    def _match(self, report: Traceback) -> re.Match[str] | None:
        return re.search(self.message, report.message[:_READ_AT_MOST], re.S)


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        "SyntaxError",
        r"invalid (?:non-printable )?character '?(?P<character>[^' ]+)",
        say(
            "`{character}` is not the character that Python knows there. With a Chinese input "
            "method one types full-width punctuation, which looks almost the same."
        ),
        say("Which punctuation marks in this line are full-width ones?"),
    ),
    Explanation(
        "SyntaxError",
        r"'(?P<bracket>[(\[{])' was never closed",
        say(
            "The bracket `{bracket}` in this line has no partner, so Python reads on to the end "
            "of the file in search of it."
        ),
        say("Where should it be closed?"),
    ),
    Explanation(
        "SyntaxError",
        r"unterminated (?:triple-quoted )?(?:f-)?string|EOL while scanning",
        say("A text begins in this line and its closing quotation mark is missing."),
        say("Where should the text end?"),
    ),
    Explanation(
        "SyntaxError",
        r"null byte",
        say(
            "The file has bytes in it that no text has. It may have been saved as UTF-16, or not "
            "be a Python file at all."
        ),
        say("In which encoding does your editor save the file?"),
    ),
    Explanation(
        "SyntaxError",
        r"codec can't decode|Non-UTF-8|not valid|unknown encoding|encoding problem",
        say(
            "Python reads a file as UTF-8 unless its first line names another encoding. This one "
            "was saved in another."
        ),
        say("In which encoding does your editor save the file?"),
    ),
    Explanation(
        "SyntaxError",
        r"expected ':'",
        say("A line that begins a block ends with a colon."),
        say("Which of the lines here begins a block?"),
    ),
    Explanation(
        "IndentationError|TabError",
        r"",
        say(
            "Python tells by the indentation which lines belong together, and here it does not "
            "add up."
        ),
        say("To which block does this line belong, and is it indented like the others there?"),
    ),
    Explanation(
        "SyntaxError",
        r"",
        say(
            "Python reads the whole file before it runs any of it. It cannot make sense of this "
            "place, so nothing was run."
        ),
        say("What is missing or too much here, or at the end of the line before?"),
    ),
    Explanation(
        "AssertionError",
        r"cannot start a process twice",
        say(
            "A `Process` object stands for one process, which lives once. It can be started only "
            "one time."
        ),
        say("How many processes do you want, and how many objects does your script make?"),
        ("count",),
    ),
    Explanation(
        "AssertionError",
        r"process has already started",
        say(
            "Whether a process is a daemon is decided when it is born. Once it runs, that cannot "
            "be changed any more."
        ),
        say("At what time must a process know that it is a daemon?"),
        ("daemon", "ended"),
        lambda check: check.daemon is None or check.daemon.is_,
    ),
    Explanation(
        "AssertionError",
        r"can only join a started process",
        say("Waiting for the end of a process makes sense only when it was started before."),
        say("In which order do your lines make, start and await the process?"),
        ("waited",),
    ),
    Explanation(
        "AssertionError",
        r"can only join a child process",
        say(
            "Only the process that started another can wait for it. This one waits for itself, "
            "or for one that somebody else started."
        ),
        say("Who waits for whom here?"),
        ("waited",),
    ),
    Explanation(
        "AssertionError",
        r"daemonic processes are not allowed to have children",
        say(
            "A daemon is ended without notice. Its own children would then be left alone, so it "
            "may have none."
        ),
        say("Who would clean up after the daemon's children?"),
    ),
    Explanation(
        "AssertionError",
        r"group argument must be None",
        say(
            "The first argument of `Process` without a name is `group`, which nobody uses. The "
            "function is not taken for what the process is to do."
        ),
        say("Which parameter of `Process` says what the process is to do?"),
        ("count", "started_by"),
    ),
    Explanation(
        "RuntimeError",
        r"bootstrapping phase",
        say(
            "Here a child is a fresh Python that imports your file first. The line that starts "
            "the process is executed there again, before the child is ready."
        ),
        say("How can a line be made to run only in main and not at the import?"),
        ("count", "source"),
    ),
    Explanation(
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
    Explanation(
        "TypeError",
        r"(?P<function>\S+\(\)) takes (?P<takes>.+? positional arguments?) but (?P<given>\d+) "
        r"(?:was|were) given",
        say(
            "`{function}` takes {takes}, and it was given {given}. What stands in `args` is handed "
            "over piece by piece, one argument each."
        ),
        say("Which values are handed over here, and which does the function expect?"),
        ("prints",),
    ),
    Explanation(
        "TypeError",
        r"missing (?P<count>\d+) required (?:positional|keyword-only) arguments?: (?P<names>.+)",
        say("The function expects something for {names}, and the call gives it nothing."),
        say("What should be passed for {names}, and where does `Process` take it?"),
        ("prints",),
    ),
    Explanation(
        "TypeError",
        r"object is not iterable|argument after \* must be an iterable",
        say(
            "`args` must be a row of arguments, even if there is only one. Parentheses alone do "
            "not make a tuple of one."
        ),
        say("What makes a tuple of a single value?"),
        ("count", "prints"),
    ),
    Explanation(
        "TypeError",
        r"'(?P<what>\w+)' object is not callable",
        say(
            "What was to be called is no function but a value of type {what}. A function that "
            "was already called is only its result."
        ),
        say("Is the function itself passed on here, or what it returned?"),
        ("prints",),
    ),
    Explanation(
        "TypeError",
        r"unexpected keyword argument '(?P<name>\w+)'",
        say("There is no parameter called `{name}`."),
        say("How are the parameters called that it does have?"),
    ),
    Explanation(
        "AttributeError",
        r"'NoneType' object has no attribute '(?P<name>\w+)'",
        say(
            "The value before `.{name}` is None, that is, nothing. A call that returns nothing "
            "gives None."
        ),
        say("Which line gave this name its value, and what does that line return?"),
    ),
    Explanation(
        "AttributeError|AssertionError",
        r"Process\.__init__\(\) not called|'_(?:closed|popen|config|parent_pid)'",
        say(
            "A subclass of `Process` has an `__init__` of its own, and the one of `Process` was "
            "never called. The object never got ready."
        ),
        say("What does your `__init__` have to do first?"),
    ),
    Explanation(
        "AttributeError|ImportError",
        r"partially initialized module '(?P<module>[\w.]+)'|cannot import name '\w+' from "
        r"'multiprocessing' \((?!.*/lib/)",
        say(
            "A file beside your script has the name of the module that you import, so Python "
            "takes that file for it."
        ),
        say("How is your own file called?"),
    ),
    Explanation(
        "AttributeError",
        r"has no attribute '(?P<name>\w+)'",
        say("There is nothing called `{name}` in that object."),
        say("Is `{name}` spelled right, and is the object what you take it for?"),
    ),
    Explanation(
        "NameError|UnboundLocalError",
        r"name '(?P<name>\w+)' is not defined",
        say(
            "Nothing is called `{name}` at this place. It may be misspelled, not imported, or "
            "defined further down."
        ),
        say("Where does `{name}` get its value?"),
    ),
    Explanation(
        "ModuleNotFoundError",
        r"No module named '(?P<name>[\w.]+)'",
        say(
            "There is no module called `{name}` here: it is misspelled, or it is not part of "
            "Python."
        ),
        say("Which module did you mean?"),
    ),
    Explanation(
        "ImportError",
        r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
        say("The module `{module}` has nothing called `{name}`. Capitals count."),
        say("How exactly is it spelled?"),
    ),
    Explanation(
        "EOFError",
        r"EOF when reading a line",
        say("A child has no keyboard: its input is empty, so `input()` finds the end at once."),
        say("Which process should do the asking?"),
    ),
    Explanation(
        "ConnectionRefusedError",
        r"",
        say("Nobody listens at that address at this moment."),
        say("What has to have happened on the other side before one can connect?"),
    ),
    Explanation(
        "OSError",
        r"Address already in use",
        say("The port is still taken, perhaps by an earlier run of your own program."),
        say("Which option lets a server take its port again at once?"),
    ),
    Explanation(
        "KeyError|IndexError",
        r"",
        say("What was asked for is not in there."),
        say("Which value was looked up, and what does the container hold?"),
    ),
    Explanation(
        "RecursionError",
        r"",
        say("A function calls itself again and again, without an end."),
        say("When should it stop?"),
    ),
)

ANY_ERROR = Explanation(
    r".*",
    r"",
    say(
        "An exception that nobody catches ends its process on the spot: the lines after it are "
        "not executed."
    ),
    say("What was the value of each name in that line just then?"),
)


def explain(report: Traceback) -> Explanation:
    """The row for a reported exception."""
    return next((row for row in EXPLANATIONS if row.fits(report)), ANY_ERROR)
