"""Mistakes that can be made in any program: texts, numbers, times, and the order of statements."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import libcst as cst

from grader.authoring.mutation.code import Code, Edit, called, operator

_COUNTED = ("range", "Semaphore", "BoundedSemaphore", "Barrier", "Pool", "ProcessPoolExecutor")
_OWN_OPERATORS = (
    "print",
    "sleep",
    *("start", "join", "terminate", "kill", "__init__"),
    *("put", "send", "sendall", "task_done", "close", "set", "notify", "notify_all", "wait"),
    *("acquire", "release"),
)
"""What these call has operators of its own."""
_CONVERSIONS = ("upper", "lower", "strip", "title", "encode", "decode")


def _texts(code: Code, printed: bool = True) -> Iterator[tuple[cst.CSTNode, str]]:
    """The texts that are printed, or those that are given to anything else."""
    for each in code.all(cst.SimpleString):
        around = code.parent(each)
        if isinstance(around, (cst.Arg, cst.Element)) and each.quote in ('"', "'"):
            call = code.parent(around)
            is_printed = isinstance(call, cst.Call) and called(call) in ("print", "input")
            value = ast.literal_eval(each.value)
            if isinstance(value, str) and value and is_printed == printed:
                yield each, value
    for part in code.all(cst.FormattedStringText) if printed else ():
        if part.value.strip():
            yield part, part.value


def _changed(code: Code, node: cst.CSTNode, text: str) -> cst.Module:
    if isinstance(node, cst.FormattedStringText):
        return code.with_node(node, node.with_changes(value=text))
    return code.replaced(node, repr(text))


@operator
def text_case(code: Code) -> Iterator[Edit]:
    """The first letter of a text is a capital, or is none any more."""
    for node, text in _texts(code):
        place = next((number for number, each in enumerate(text) if each.swapcase() != each), None)
        if place is not None:
            other = text[:place] + text[place].swapcase() + text[place + 1 :]
            yield node, _changed(code, node, other)


@operator
def text_full_stop(code: Code) -> Iterator[Edit]:
    """A text has a full stop at its end."""
    for node, text in _texts(code):
        around = code.parent(node)
        if not isinstance(around, cst.FormattedString) or around.parts[-1] is node:
            yield node, _changed(code, node, f"{text}.")


@operator
def text_space(code: Code) -> Iterator[Edit]:
    """A word has a space in it. Where it is Chinese, a space more is no mistake."""
    for node, text in _texts(code):
        word = re.search("[A-Za-z](?=[A-Za-z])", text)
        if word is not None:
            yield node, _changed(code, node, f"{text[: word.end()]} {text[word.end() :]}")


@operator
def text_misspelt(code: Code) -> Iterator[Edit]:
    """The last letter of a text is missing."""
    for node, text in (*_texts(code), *_texts(code, printed=False)):
        kept = text.rstrip()
        yield node, _changed(code, node, kept[:-1] + text[len(kept) :])


@operator
def value_as_constant(code: Code) -> Iterator[Edit]:
    """`x` stands in a text where a value should be."""
    for each in code.all(cst.FormattedStringExpression):
        constant = cst.FormattedStringText("x")
        yield each, code.with_node(each, constant)


@operator
def print_dropped(code: Code) -> Iterator[Edit]:
    """A `print` is left out."""
    for call, statement in code.statements("print"):
        yield call, code.with_statements(statement)


@operator
def print_twice(code: Code) -> Iterator[Edit]:
    """A `print` is done twice."""
    for call, statement in code.statements("print"):
        yield call, code.with_statements(statement, statement, statement)


@operator
def print_early(code: Code) -> Iterator[Edit]:
    """A `print` comes one statement earlier."""
    for call, statement in code.statements("print"):
        if (module := code.moved(statement, -1)) is not None:
            yield call, module


@operator
def print_late(code: Code) -> Iterator[Edit]:
    """A `print` comes one statement later."""
    for call, statement in code.statements("print"):
        if (module := code.moved(statement, 1)) is not None:
            yield call, module


@operator
def sleep_dropped(code: Code) -> Iterator[Edit]:
    """A `sleep` is left out."""
    for call, statement in code.statements("sleep"):
        yield call, code.with_statements(statement)


@operator
def sleep_shortened(code: Code) -> Iterator[Edit]:
    """A `sleep` takes half of its time."""
    for call in code.calls("sleep"):
        yield call, code.with_arguments(call, f"{code.source(call.args[0].value)} / 2")


@operator
def sleep_lengthened(code: Code) -> Iterator[Edit]:
    """A `sleep` takes twice its time."""
    for call in code.calls("sleep"):
        yield call, code.with_arguments(call, f"{code.source(call.args[0].value)} * 2")


@operator
def pid_of_another(code: Code) -> Iterator[Edit]:
    """`os.getppid()` stands for `os.getpid()`, or the other way round."""
    for call in code.calls("getpid", "getppid"):
        yield call, code.renamed(call, "getppid" if called(call) == "getpid" else "getpid")


@operator
def pid_as_constant(code: Code) -> Iterator[Edit]:
    """`1234` stands for the id of a process."""
    for call in code.calls("getpid", "getppid"):
        yield call, code.replaced(call, "1234")


@operator
def one_more(code: Code) -> Iterator[Edit]:
    """The number in `range(5)`, `Semaphore(2)` or the like is larger by one."""
    yield from _counted(code, 1)


@operator
def one_fewer(code: Code) -> Iterator[Edit]:
    """The number in `range(5)`, `Semaphore(2)` or the like is smaller by one."""
    yield from _counted(code, -1)


def _counted(code: Code, step: int) -> Iterator[Edit]:
    for call in code.calls(*_COUNTED):
        if call.args and isinstance(call.args[-1].value, cst.Integer):
            number = call.args[-1].value
            yield number, code.replaced(number, str(int(number.value, 0) + step))


@operator
def item_dropped(code: Code) -> Iterator[Edit]:
    """The last of a list that a loop goes through is left out."""
    for each in _listed(code):
        values = [code.source(one.value) for one in each.elements[:-1]]
        yield each, code.replaced(each, f"[{', '.join(values)}]")


@operator
def item_twice(code: Code) -> Iterator[Edit]:
    """The last of a list that a loop goes through stands there twice."""
    for each in _listed(code):
        values = [code.source(one.value) for one in (*each.elements, each.elements[-1])]
        yield each, code.replaced(each, f"[{', '.join(values)}]")


def _listed(code: Code) -> Iterator[cst.List | cst.Tuple]:
    lists: list[cst.List | cst.Tuple] = [*code.all(cst.List), *code.all(cst.Tuple)]
    for each in lists:
        around = code.parent(each)
        if len(each.elements) > 1 and isinstance(around, (cst.Assign, cst.For, cst.CompFor)):
            yield each


@operator
def number_passed_on(code: Code) -> Iterator[Edit]:
    """A number that is passed on, as a port is, is larger by one."""
    for each in code.all(cst.Integer):
        if isinstance(code.parent(each), cst.Element):
            yield each, code.replaced(each, str(int(each.value, 0) + 1))


@operator
def condition_negated(code: Code) -> Iterator[Edit]:
    """`if not x:` stands for `if x:`."""
    for each in code.all(cst.If):
        if "__name__" not in code.source(each.test):
            yield each, code.replaced(each.test, f"not ({code.source(each.test)})")


@operator
def loop_once(code: Code) -> Iterator[Edit]:
    """What `while` should repeat is done once."""
    for each in code.all(cst.While):
        head = cst.parse_statement("for _ in range(1):\n    pass\n")
        once = head.with_changes(body=each.body, leading_lines=each.leading_lines)
        yield each, code.with_statements(each, once)


@operator
def break_dropped(code: Code) -> Iterator[Edit]:
    """A `break` is left out."""
    for each in code.all(cst.Break):
        yield each, code.with_statements(code.statement(each))


@operator
def continue_as_break(code: Code) -> Iterator[Edit]:
    """`break` stands for `continue`."""
    for each in code.all(cst.Continue):
        yield each, code.with_node(each, cst.Break())


@operator
def return_dropped(code: Code) -> Iterator[Edit]:
    """A function returns nothing."""
    for each in code.all(cst.Return):
        if each.value is not None:
            yield each, code.replaced(each.value, "None")


@operator
def exception_not_caught(code: Code) -> Iterator[Edit]:
    """A `try` is left out, and its block is run all the same."""
    for each in code.all(cst.Try):
        yield each, code.with_statements(each, *each.body.body)


@operator
def call_dropped(code: Code) -> Iterator[Edit]:
    """A call of anything else is left out."""
    for call in code.all(cst.Call):
        statement = code.statement(call)
        if (
            isinstance(code.parent(call), cst.Expr)
            and isinstance(statement, cst.SimpleStatementLine)
            and called(call) not in _OWN_OPERATORS
        ):
            yield call, code.with_statements(statement)


@operator
def conversion_dropped(code: Code) -> Iterator[Edit]:
    """`upper()`, `encode()` or the like is left out."""
    for call in code.calls(*_CONVERSIONS):
        if isinstance(call.func, cst.Attribute):
            yield call, code.with_node(call, call.func.value)


@operator
def attribute_not_set(code: Code) -> Iterator[Edit]:
    """`self.name = name`, or another attribute, is not set."""
    for each in code.all(cst.Assign):
        target = each.targets[0].target
        if isinstance(target, cst.Attribute) and target.attr.value != "daemon":
            yield each, code.with_statements(code.statement(each))
