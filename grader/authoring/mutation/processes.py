"""Mistakes with processes, threads and tasks: how they are made, started, and waited for."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from grader.authoring.mutation.code import Code, Edit, called, importing, keyword, operator

_MADE = ("Process", "Thread", "Timer")
_STARTED = "start"
_WAITED = "join"


def _makers(code: Code) -> Iterator[cst.Call]:
    """The calls that make a process or a thread."""
    own = {
        each.name.value
        for each in code.all(cst.ClassDef)
        if any(code.source(base.value).split(".")[-1] in _MADE for base in each.bases)
    }
    return code.calls(*_MADE, *own)


@operator
def join_dropped(code: Code) -> Iterator[Edit]:
    """`p.join()` is left out."""
    for call, statement in code.statements(_WAITED):
        yield call, code.with_statements(statement)


@operator
def join_early(code: Code) -> Iterator[Edit]:
    """`p.join()`, or its loop, comes one statement earlier."""
    for call, _ in code.statements(_WAITED):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def join_late(code: Code) -> Iterator[Edit]:
    """`p.join()`, or its loop, comes one statement later."""
    for call, _ in code.statements(_WAITED):
        if (module := code.moved(code.unit(call), 1)) is not None:
            yield call, module


@operator
def join_at_once(code: Code) -> Iterator[Edit]:
    """`p.join()` follows each `p.start()`, so that one runs after the other."""
    for call, statement in code.statements(_STARTED):
        joined = f"{code.receiver(call)}.join()"
        after = code.neighbour(statement, 1)
        is_named = isinstance(call.func, cst.Attribute) and isinstance(call.func.value, cst.Name)
        if is_named and (after is None or code.source(after).strip() != joined):
            yield call, code.with_statements(statement, statement, joined)


@operator
def join_with_short_timeout(code: Code) -> Iterator[Edit]:
    """`p.join(0.1)` waits for a tenth of a second at most."""
    for call, _ in code.statements(_WAITED):
        yield call, code.with_arguments(call, "0.1")


@operator
def join_with_long_timeout(code: Code) -> Iterator[Edit]:
    """`p.join(60)` gives up after a minute."""
    for call, _ in code.statements(_WAITED):
        yield call, code.with_arguments(call, "60")


@operator
def join_as_sleep(code: Code) -> Iterator[Edit]:
    """`time.sleep(2)` stands for `p.join()`."""
    for call, statement in code.statements(_WAITED):
        yield call, importing(code.with_statements(statement, "time.sleep(2)"), "time")


@operator
def join_not_called(code: Code) -> Iterator[Edit]:
    """`p.join` is named and not called."""
    for call, _ in code.statements(_WAITED):
        yield call, code.with_node(call, call.func)


@operator
def join_as_is_alive(code: Code) -> Iterator[Edit]:
    """`p.is_alive()` is asked, once, where `p.join()` should wait."""
    for call, _ in code.statements(_WAITED):
        yield call, code.renamed(call, "is_alive")


@operator
def start_dropped(code: Code) -> Iterator[Edit]:
    """`p.start()` is left out."""
    for call, statement in code.statements(_STARTED):
        yield call, code.with_statements(statement)


@operator
def start_twice(code: Code) -> Iterator[Edit]:
    """`p.start()` is called twice."""
    for call, statement in code.statements(_STARTED):
        yield call, code.with_statements(statement, statement, statement)


@operator
def start_as_run(code: Code) -> Iterator[Edit]:
    """`p.run()` does the work where it is called, in no process of its own."""
    for call, _ in code.statements(_STARTED):
        yield call, code.renamed(call, "run")


@operator
def start_not_called(code: Code) -> Iterator[Edit]:
    """`p.start` is named and not called."""
    for call, _ in code.statements(_STARTED):
        yield call, code.with_node(call, call.func)


@operator
def target_called(code: Code) -> Iterator[Edit]:
    """`target=f(x)` calls the function, and gives what it returns."""
    for call in _makers(code):
        target, args = keyword(call, "target"), keyword(call, "args")
        if target is None or not isinstance(target.value, cst.Name):
            continue
        given = code.source(args.value).strip() if args is not None else "()"
        others = [each for each in call.args if each not in (target, args)]
        yield call, code.with_arguments(call, f"target={target.value.value}(*{given})", *others)


@operator
def args_without_comma(code: Code) -> Iterator[Edit]:
    """`args=(x)` is no tuple."""
    for call in _makers(code):
        args = keyword(call, "args")
        if args is not None and isinstance(args.value, cst.Tuple) and len(args.value.elements) == 1:
            only = code.source(args.value.elements[0].value)
            others = [f"args=({only})" if each is args else each for each in call.args]
            yield call, code.with_arguments(call, *others)


@operator
def args_dropped(code: Code) -> Iterator[Edit]:
    """`args=` or `kwargs=` is left out."""
    for call in _makers(code):
        for name in ("args", "kwargs"):
            if (given := keyword(call, name)) is not None:
                others = [each for each in call.args if each is not given]
                yield given, code.with_arguments(call, *others)


@operator
def args_swapped(code: Code) -> Iterator[Edit]:
    """The first two of `args=` are given in the other order."""
    for call in _makers(code):
        args = keyword(call, "args")
        if args is not None and isinstance(args.value, cst.Tuple):
            values = [code.source(each.value) for each in args.value.elements]
            if len(values) > 1:
                values[:2] = values[1::-1]
                yield args, code.replaced(args.value, f"({', '.join(values)})")


@operator
def name_dropped(code: Code) -> Iterator[Edit]:
    """`name=` is left out."""
    for call in code.calls(*_MADE, "__init__"):
        if (name := keyword(call, "name")) is not None:
            others = [each for each in call.args if each is not name]
            yield name, code.with_arguments(call, *others)


@operator
def daemon_dropped(code: Code) -> Iterator[Edit]:
    """`daemon=True`, or `p.daemon = True`, is left out."""
    for call in _makers(code):
        if (daemon := keyword(call, "daemon")) is not None:
            others = [each for each in call.args if each is not daemon]
            yield daemon, code.with_arguments(call, *others)
    for assigned in code.all(cst.Assign):
        if code.source(assigned.targets[0].target).endswith(".daemon"):
            yield assigned, code.with_statements(code.statement(assigned))


@operator
def daemon_added(code: Code) -> Iterator[Edit]:
    """`daemon=True` is given to a process that should have none."""
    for call in _makers(code):
        if called(call) in _MADE and keyword(call, "daemon") is None:
            yield call, code.with_arguments(call, *call.args, "daemon=True")


@operator
def daemon_late(code: Code) -> Iterator[Edit]:
    """`p.daemon = True` comes after `p.start()`."""
    for call, statement in code.statements(_STARTED):
        for made in _makers(code):
            around = code.parent(made)
            if (
                isinstance(around, cst.Assign)
                and code.source(around.targets[0].target) == code.receiver(call)
                and (daemon := keyword(made, "daemon")) is not None
            ):
                name = code.receiver(call)
                late = Code(
                    code.with_statements(statement, statement, f"{name}.daemon = True").code
                )
                same = next(each for each in late.calls(called(made)) if _same(late, each, made))
                others = [each for each in made.args if each is not daemon]
                yield daemon, late.with_arguments(same, *map(code.argument, others))


def _same(code: Code, one: cst.Call, other: cst.Call) -> bool:
    return code.source(one) == code.source(other)


@operator
def daemon_on_another(code: Code) -> Iterator[Edit]:
    """`daemon=True` is given to another process than the one that should have it."""
    with_it = [each for each in _makers(code) if keyword(each, "daemon") is not None]
    for call in with_it:
        daemon = keyword(call, "daemon")
        for other in _makers(code):
            if other not in with_it:
                others = [each for each in call.args if each is not daemon]
                changed = Code(code.with_arguments(call, *others).code)
                same = next(
                    each for each in changed.calls(called(other)) if _same(changed, each, other)
                )
                yield call, changed.with_arguments(same, *same.args, "daemon=True")


@operator
def thread_for_process(code: Code) -> Iterator[Edit]:
    """A `threading.Thread` does the work of the process."""
    for call in code.calls("Process"):
        others = [
            each for each in call.args if each.keyword is None or each.keyword.value != "daemon"
        ]
        changed = code.with_arguments(call, *others)
        text = code.source(call.func)
        module = Code(changed.code)
        for made in module.calls("Process"):
            if module.line(made) == code.line(call) and module.source(made.func) == text:
                threaded = module.with_node(made.func, cst.parse_expression("threading.Thread"))
                yield call, importing(threaded, "threading")


@operator
def terminate_dropped(code: Code) -> Iterator[Edit]:
    """`p.terminate()`, or `p.kill()`, is left out."""
    for call, statement in code.statements("terminate", "kill"):
        yield call, code.with_statements(statement)


@operator
def terminate_early(code: Code) -> Iterator[Edit]:
    """`p.terminate()` comes one statement earlier."""
    for call, _ in code.statements("terminate", "kill"):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def terminate_late(code: Code) -> Iterator[Edit]:
    """`p.terminate()` comes one statement later."""
    for call, _ in code.statements("terminate", "kill"):
        if (module := code.moved(code.unit(call), 1)) is not None:
            yield call, module


@operator
def is_alive_not_called(code: Code) -> Iterator[Edit]:
    """`p.is_alive` is named and not called."""
    for call in code.calls("is_alive"):
        yield call, code.with_node(call, call.func)


@operator
def super_init_dropped(code: Code) -> Iterator[Edit]:
    """A class of processes does not call `super().__init__()`."""
    for call, statement in code.statements("__init__"):
        yield call, code.with_statements(statement)


@operator
def run_misspelt(code: Code) -> Iterator[Edit]:
    """The method `run` is called `work`, so that the process does nothing."""
    for each in code.all(cst.FunctionDef):
        if each.name.value == "run" and isinstance(code.parent(code.parent(each)), cst.ClassDef):
            yield each, code.replaced(each.name, "work")


@operator
def guard_removed(code: Code) -> Iterator[Edit]:
    """What stands under `if __name__ == "__main__":` runs wherever the file is read."""
    for each in code.all(cst.If):
        if "__name__" in code.source(each.test):
            yield each, code.replaced(each.test, "True")


@operator
def guard_misspelt(code: Code) -> Iterator[Edit]:
    """`if __name__ == "main":` is never true."""
    for each in code.all(cst.If):
        if "__main__" in code.source(each.test):
            changed = code.source(each.test).replace("__main__", "main")
            yield each, code.replaced(each.test, changed)


@operator
def main_fails(code: Code) -> Iterator[Edit]:
    """The program ends with the exit status 1."""
    last: cst.CSTNode = code.module.body[-1]
    if isinstance(last, cst.If):
        last = last.body.body[-1]
    yield last, code.with_statements(last, last, "raise SystemExit(1)")


@operator
def child_fails(code: Code) -> Iterator[Edit]:
    """A process ends with the exit status 1 when it has done its work."""
    targets = {
        target.value.value
        for call in code.calls(*_MADE)
        if (target := keyword(call, "target")) is not None and isinstance(target.value, cst.Name)
    }
    for each in code.all(cst.FunctionDef):
        if each.name.value in targets | {"run"}:
            last = each.body.body[-1]
            yield last, code.with_statements(last, last, "raise SystemExit(1)")


@operator
def await_dropped(code: Code) -> Iterator[Edit]:
    """What should be awaited is only made."""
    for each in code.all(cst.Await):
        yield each, code.with_node(each, each.expression)


@operator
def gather_one_by_one(code: Code) -> Iterator[Edit]:
    """What `gather` should run at the same time is awaited one after the other."""
    for call in code.calls("gather"):
        if isinstance(code.parent(call), cst.Await):
            parts = [
                f"await {code.source(each.value)}"
                if not each.star
                else f"*[await each for each in {code.source(each.value)}]"
                for each in call.args
            ]
            yield call, code.replaced(code.parent(call), f"[{', '.join(parts)}]")


@operator
def submit_called(code: Code) -> Iterator[Edit]:
    """`submit(f(x))` calls the function, and gives what it returns."""
    for call in code.calls("submit", "apply_async"):
        if len(call.args) > 1:
            function, *others = map(code.argument, call.args)
            given = f"*{others[0]}" if called(call) == "apply_async" else ", ".join(others)
            yield call, code.with_arguments(call, f"{function}({given})")


@operator
def async_as_sync(code: Code) -> Iterator[Edit]:
    """`pool.apply` waits for each result, where `pool.apply_async` would not."""
    for call in code.calls("apply_async", "map_async", "starmap_async"):
        name = called(call).removesuffix("_async")
        changed = call.func.with_changes(attr=cst.Name(name))
        yield call, code.with_node(call.func, changed)


@operator
def start_method_fixed(code: Code) -> Iterator[Edit]:
    """`multiprocessing.set_start_method("fork")` asks for what some systems do not have."""
    for each in code.all(cst.If):
        if "__main__" in code.source(each.test):
            first = each.body.body[0]
            fixed = 'multiprocessing.set_start_method("fork")'
            yield each, importing(code.with_statements(first, fixed, first), "multiprocessing")
