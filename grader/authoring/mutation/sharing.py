"""Mistakes with what processes share: locks, queues, pipes, events, values."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from grader.authoring.mutation.code import Code, Edit, called, importing, keyword, operator

_LOCKS = ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition")
_OBJECTS = (*_LOCKS, "Queue", "JoinableQueue", "SimpleQueue", "Event", "Barrier", "Value", "Array")
_QUEUES = ("Queue", "JoinableQueue", "SimpleQueue")


def _made(code: Code) -> dict[str, cst.Call]:
    """The objects that are made to be shared, by the names of the variables that hold them."""
    found: dict[str, cst.Call] = {}
    for each in code.all(cst.Assign):
        if isinstance(each.value, cst.Call) and called(each.value) in _OBJECTS:
            found[code.source(each.targets[0].target).strip()] = each.value
    return found


def _held(code: Code) -> Iterator[cst.With]:
    """The blocks that hold a lock: those of anything that is not made by a call in its place."""
    for each in code.all(cst.With):
        first = each.items[0].item
        name = called(first) if isinstance(first, cst.Call) else ""
        if not isinstance(first, cst.Call) or name in ("get_lock", *_LOCKS):
            yield each


@operator
def lock_dropped(code: Code) -> Iterator[Edit]:
    """`with lock:` is left out, and its block is run all the same."""
    for each in _held(code):
        yield each, code.with_statements(each, *each.body.body)


@operator
def lock_late(code: Code) -> Iterator[Edit]:
    """The first statement under `with lock:` comes before the lock is taken."""
    for each in _held(code):
        first, *others = each.body.body
        if others:
            narrowed = each.with_changes(body=each.body.with_changes(body=others))
            yield each, code.with_statements(each, first, narrowed)


@operator
def lock_short(code: Code) -> Iterator[Edit]:
    """The last statement under `with lock:` comes after the lock was released."""
    for each in _held(code):
        *others, last = each.body.body
        if others:
            narrowed = each.with_changes(body=each.body.with_changes(body=others))
            yield each, code.with_statements(each, narrowed, last)


@operator
def lock_of_its_own(code: Code) -> Iterator[Edit]:
    """`with Lock():` takes a lock that nobody else has."""
    made = [each for each in _made(code).values() if called(each) in _LOCKS]
    for each in _held(code):
        if made and not isinstance(each.items[0].item, cst.Call):
            yield each, code.replaced(each.items[0].item, code.source(made[0]))


@operator
def one_for_each(code: Code) -> Iterator[Edit]:
    """Each process is given a lock, a queue or an event of its own."""
    made = _made(code)
    for call in code.calls("Process", "Thread"):
        args = keyword(call, "args")
        if args is None or not isinstance(args.value, cst.Tuple):
            continue
        for each in args.value.elements:
            name = code.source(each.value)
            if name in made:
                yield each, code.replaced(each.value, code.source(made[name]))


@operator
def lock_admits_two(code: Code) -> Iterator[Edit]:
    """`Semaphore(2)` is made where a lock should be."""
    for call in code.calls("Lock", "RLock"):
        semaphore = call.func
        semaphore = (
            semaphore.with_changes(attr=cst.Name("Semaphore"))
            if isinstance(semaphore, cst.Attribute)
            else cst.parse_expression("multiprocessing.Semaphore")
        )
        changed = code.with_node(call, cst.Call(semaphore, [cst.Arg(cst.Integer("2"))]))
        yield call, importing(changed, "multiprocessing")


@operator
def acquire_dropped(code: Code) -> Iterator[Edit]:
    """`lock.acquire()` is left out."""
    for call, statement in code.statements("acquire"):
        yield call, code.with_statements(statement)


@operator
def release_dropped(code: Code) -> Iterator[Edit]:
    """`lock.release()` is left out."""
    for call, statement in code.statements("release"):
        yield call, code.with_statements(statement)


def _sentinels(code: Code) -> Iterator[tuple[cst.Call, cst.CSTNode]]:
    for call, statement in code.statements("put", "send"):
        if call.args and code.source(call.args[0].value) == "None":
            yield call, statement


@operator
def sentinel_dropped(code: Code) -> Iterator[Edit]:
    """`put(None)`, which says that nothing more comes, is left out."""
    for call, statement in _sentinels(code):
        yield call, code.with_statements(statement)


@operator
def sentinel_twice(code: Code) -> Iterator[Edit]:
    """`put(None)` is done twice."""
    for call, statement in _sentinels(code):
        yield call, code.with_statements(statement, statement, statement)


@operator
def sentinel_early(code: Code) -> Iterator[Edit]:
    """`put(None)`, or its loop, comes one statement earlier."""
    for call, _ in _sentinels(code):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def put_dropped(code: Code) -> Iterator[Edit]:
    """`put`, or `send`, is left out."""
    sentinels = [call for call, _ in _sentinels(code)]
    for call, statement in code.statements("put", "send", "sendall"):
        if call not in sentinels:
            yield call, code.with_statements(statement)


@operator
def put_twice(code: Code) -> Iterator[Edit]:
    """`put`, or `send`, is done twice with the same thing."""
    sentinels = [call for call, _ in _sentinels(code)]
    for call, statement in code.statements("put", "send", "sendall"):
        if call not in sentinels:
            yield call, code.with_statements(statement, statement, statement)


@operator
def get_without_waiting(code: Code) -> Iterator[Edit]:
    """`get_nowait()` waits for nothing."""
    for call in code.calls("get"):
        if not call.args:
            yield call, code.renamed(call, "get_nowait")


@operator
def queue_as_list(code: Code) -> Iterator[Edit]:
    """A list stands for the queue: each process has a copy of it."""
    for call in code.calls(*_QUEUES):
        yield call, code.replaced(call, "[]")


@operator
def queue_of_threads(code: Code) -> Iterator[Edit]:
    """`queue.Queue()`, which is for threads, stands for that of `multiprocessing`."""
    for call in code.calls(*_QUEUES):
        if "queue." not in code.source(call.func):
            yield call, importing(code.replaced(call, "queue.Queue()"), "queue")


@operator
def task_done_dropped(code: Code) -> Iterator[Edit]:
    """`task_done()` is left out."""
    for call, statement in code.statements("task_done"):
        yield call, code.with_statements(statement)


@operator
def task_done_early(code: Code) -> Iterator[Edit]:
    """`task_done()` comes one statement earlier, before the work is done."""
    for call, _ in code.statements("task_done"):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def close_dropped(code: Code) -> Iterator[Edit]:
    """`close()` is left out."""
    for call, statement in code.statements("close"):
        yield call, code.with_statements(statement)


@operator
def close_early(code: Code) -> Iterator[Edit]:
    """`close()` comes one statement earlier."""
    for call, _ in code.statements("close"):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def set_dropped(code: Code) -> Iterator[Edit]:
    """`event.set()`, or `notify()`, is left out."""
    for call, statement in code.statements("set", "notify", "notify_all"):
        yield call, code.with_statements(statement)


@operator
def set_early(code: Code) -> Iterator[Edit]:
    """`event.set()` comes one statement earlier."""
    for call, _ in code.statements("set", "notify", "notify_all"):
        if (module := code.moved(code.unit(call), -1)) is not None:
            yield call, module


@operator
def wait_dropped(code: Code) -> Iterator[Edit]:
    """`event.wait()` is left out."""
    for call, statement in code.statements("wait"):
        yield call, code.with_statements(statement)


@operator
def wait_as_sleep(code: Code) -> Iterator[Edit]:
    """`time.sleep(2)` stands for `event.wait()`."""
    for call, statement in code.statements("wait"):
        yield call, importing(code.with_statements(statement, "time.sleep(2)"), "time")


@operator
def wait_with_timeout(code: Code) -> Iterator[Edit]:
    """`event.wait(0.1)` waits for a tenth of a second at most."""
    for call, _ in code.statements("wait"):
        yield call, code.with_arguments(call, "0.1")
