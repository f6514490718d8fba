"""The exceptions of Python itself that beginners meet, in plain words."""

from __future__ import annotations

from grader.checks.mistakes.model import RaisedException
from grader.messages import say

PYTHON_ERRORS: tuple[RaisedException, ...] = (
    RaisedException(
        "invisible-character",
        "SyntaxError",
        r"invalid non-printable character (?P<character>U\+[0-9A-F]+)",
        say(
            "This line contains {character}, a character that cannot be seen. Such characters "
            "come along when code is copied from a web page or a chat."
        ),
        say("What happens if you delete that part of the line and type it again?"),
    ),
    RaisedException(
        "full-width-character",
        "SyntaxError",
        r"invalid character '?(?P<character>[^' ]+)",
        say(
            "`{character}` is not the character that Python expects there. A Chinese input method "
            "types full-width punctuation, which looks almost the same."
        ),
        say("Which punctuation marks in this line are full-width ones?"),
    ),
    RaisedException(
        "bracket-not-closed",
        "SyntaxError",
        r"'(?P<bracket>[(\[{])' was never closed",
        say(
            "The bracket `{bracket}` in this line has no partner, so Python reads on to the end of "
            "the file in search of it."
        ),
        say("Where should it be closed?"),
    ),
    RaisedException(
        "text-not-closed",
        "SyntaxError",
        r"unterminated (?:triple-quoted )?(?:f-)?string|EOL while scanning",
        say("A text begins in this line, and its closing quotation mark is missing."),
        say("Where should the text end?"),
    ),
    RaisedException(
        "null-bytes",
        "SyntaxError",
        r"null byte",
        say(
            "The file contains bytes that no text contains. It may have been saved as UTF-16, or "
            "not be a Python file at all."
        ),
        say("In which encoding does your editor save the file?"),
    ),
    RaisedException(
        "wrong-encoding",
        "SyntaxError",
        r"codec can't decode|Non-UTF-8|not valid|unknown encoding|encoding problem",
        say(
            "Python reads a file as UTF-8 unless its first line names another encoding. This one "
            "was saved in another."
        ),
        say("In which encoding does your editor save the file?"),
    ),
    RaisedException(
        "colon-missing",
        "SyntaxError",
        r"expected ':'",
        say("A line that begins a block ends with a colon."),
        say("Which of the lines here begins a block?"),
    ),
    RaisedException(
        "wrong-indentation",
        "IndentationError|TabError",
        r"",
        say(
            "The indentation tells Python which lines belong together, and here it does not add up."
        ),
        say("To which block does this line belong, and is it indented like the others there?"),
    ),
    RaisedException(
        "syntax-error",
        "SyntaxError",
        r"",
        say(
            "Python reads the whole file before it runs any of it. It does not understand this "
            "place, so nothing was run."
        ),
        say("What is missing or too much here, or at the end of the line before?"),
    ),
    RaisedException(
        "init-arguments",
        "TypeError",
        r"(?P<function>\S*__init__\(\)) takes (?:from \d+ to )?(?P<takes>\d+) positional "
        r"arguments? but (?P<given>\d+) (?:was|were) given",
        say(
            "`{function}` was given {given} arguments and takes no more than {takes}. The first is "
            "the new object itself, which Python hands over."
        ),
        say("Which parameters has your `__init__`, from the first one on?"),
        ("count",),
    ),
    RaisedException(
        "too-many-arguments",
        "TypeError",
        r"(?P<function>\S+\(\)) takes (?:from \d+ to )?(?P<takes>\d+) positional arguments? but "
        r"(?P<given>\d+) (?:was|were) given",
        say(
            "`{function}` was given {given} arguments and takes no more than {takes}. What stands "
            "in `args` is handed over piece by piece, one argument each."
        ),
        say("Which values are handed over here, and which does the function expect?"),
        ("prints",),
    ),
    RaisedException(
        "argument-missing",
        "TypeError",
        r"missing (?P<count>\d+) required (?:positional|keyword-only) arguments?: (?P<names>.+)",
        say("The function expects something for {names}, and the call gives it nothing."),
        say("What should be passed for {names}, and where does `Process` take it?"),
        ("prints",),
    ),
    RaisedException(
        "args-not-iterable",
        "TypeError",
        r"object is not iterable|argument after \* must be an iterable",
        say(
            "`args` must be a sequence of arguments, even if there is only one. Parentheses alone "
            "do not make a tuple of one."
        ),
        say("What makes a tuple of a single value?"),
        ("count", "prints"),
    ),
    RaisedException(
        "argument-given-twice",
        "TypeError",
        r"got multiple values for argument '(?P<name>\w+)'",
        say("`{name}` is given twice: once by its place in `args`, and once by its name."),
        say("Which value goes to which parameter here?"),
        ("prints",),
    ),
    RaisedException(
        "module-called",
        "TypeError",
        r"'module' object is not callable",
        say(
            "You called a module, that is, a whole file. What you mean is inside it, after a dot; "
            "capitals count."
        ),
        say("What exactly is the class called that you mean?"),
    ),
    RaisedException(
        "value-called",
        "TypeError",
        r"'(?P<what>\w+)' object is not callable",
        say(
            "What was to be called is not a function but a value of type {what}. A function that "
            "has already been called is only its result."
        ),
        say("Is the function itself passed on here, or what it returned?"),
        ("prints",),
    ),
    RaisedException(
        "unknown-keyword",
        "TypeError",
        r"unexpected keyword argument '(?P<name>\w+)'",
        say("There is no parameter called `{name}`."),
        say("Which parameters does it have, and how are they spelled?"),
    ),
    RaisedException(
        "attribute-of-none",
        "AttributeError",
        r"'NoneType' object has no attribute '(?P<name>\w+)'",
        say(
            "The value before `.{name}` is None, that is, nothing. A call that returns nothing "
            "gives None."
        ),
        say("Which line gave this name its value, and what does that line return?"),
    ),
    RaisedException(
        "shadowed-module",
        "AttributeError|ImportError",
        r"partially initialized module '(?P<module>[\w.]+)'|cannot import name '\w+' from "
        r"'(?P<own>multiprocessing|queue|random|time|socket|threading|signal|string|select)' "
        r"\((?!.*/lib/)",
        say(
            "Your script, or a file beside it, is called like a module of Python's library, so "
            "Python takes that file for the module."
        ),
        say("What is your own file called?"),
    ),
    RaisedException(
        "unknown-attribute",
        "AttributeError",
        r"has no attribute '(?P<name>\w+)'",
        say("There is nothing called `{name}` in that object."),
        say("Is `{name}` spelled right, and is the object what you take it for?"),
    ),
    RaisedException(
        "unknown-name",
        "NameError|UnboundLocalError",
        r"name '(?P<name>\w+)' is not defined",
        say(
            "There is no `{name}` at this place. It may be misspelled, not imported, or defined "
            "further down."
        ),
        say("Where does `{name}` get its value?"),
    ),
    RaisedException(
        "unknown-module",
        "ModuleNotFoundError",
        r"No module named '(?P<name>[\w.]+)'",
        say(
            "There is no module called `{name}` here: it is misspelled, or it is not part of "
            "Python."
        ),
        say("Which module did you mean?"),
    ),
    RaisedException(
        "unknown-import",
        "ImportError",
        r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'",
        say("The module `{module}` has nothing called `{name}`. Capitals count."),
        say("How exactly is it spelled?"),
    ),
    RaisedException(
        "text-and-number",
        "TypeError",
        r"can only concatenate str|must be str, not|unsupported operand type",
        say("A text and a number cannot be added with `+`: Python does not guess what is meant."),
        say("Which of the two values is no text, and how does it become one?"),
    ),
    RaisedException(
        "not-in-container",
        "KeyError|IndexError",
        r"",
        say("What was asked for is not in there."),
        say("Which value was looked up, and what does the container hold?"),
    ),
    RaisedException(
        "endless-recursion",
        "RecursionError",
        r"",
        say("A function calls itself again and again, without an end."),
        say("When should it stop?"),
    ),
)
