"""Which classes and functions of the library the student's code calls, as far as an exercise asks,
and what its shared memory holds at the end.

As everywhere in the probe no frame of its own comes into a traceback: a method is looked up through
a descriptor that reports and hands out the original, also by a ``with``.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_CONTEXT = os.path.join("multiprocessing", "context.py")
_MOST_SHARES, _MOST_CHARACTERS = 40, 500
"""Values that are reported, and characters of each: those of a report are limited."""


def _caller(frame: FrameType | None) -> FrameType | None:
    """The frame from which something is looked up: none of the probe's."""
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return frame


class Usage:
    """Reports calls by the student's own lines, each line's so often for each process and thread.

    ``wanted`` are the calls of which an exercise asks, as `grader.exercise.python_names` writes
    them: name, module, class and attribute, and the method of a ``with`` that does the same.
    """

    def __init__(
        self,
        wanted: list[str],
        most: int,
        report: Callable[..., None],
        student_frame: Callable[[FrameType | None], FrameType | None],
        variable: Callable[[FrameType, object], str | None],
    ) -> None:
        self._report = report
        self._student_frame = student_frame
        self._variable = variable
        self._most = most
        self._counts: dict[tuple[object, ...], int] = {}
        self._thread_number: Any = sys.modules["_thread"].get_ident
        self._of_module: dict[str, list[tuple[str, ...]]] = {}
        self._own_classes: dict[tuple[str, str], Any] = {}
        for each in wanted:
            name, module, *rest = each.split(":")
            self._of_module.setdefault(module, []).append((name, *rest))

    def watch(self, changes: dict[str, Callable[[Any], None]]) -> None:
        """Change the modules when they are imported, after what else is done to them then, and
        those that are there already.
        """
        for module in self._of_module:
            after(changes, module, self._change)

    def _change(self, module: Any) -> None:
        for name, owner, attribute, context in self._of_module[module.__name__]:
            if not owner:
                self._watch_function(module, attribute, name)
            elif owner == "BaseContext":
                self._watch_maker(module, attribute, name)
            else:
                kind = self._changeable(module, owner)
                self._watch_method(kind, attribute, name)
                if context:
                    self._watch_method(kind, context, name)

    def _changeable(self, module: Any, owner: str) -> Any:
        """The class, or one that stands in its place: those that are written in C take no changes,
        and that of locks no subclasses.
        """
        key = (module.__name__, owner)
        if key not in self._own_classes:
            made = getattr(module, owner)
            if key == ("threading", "Lock"):
                made = _lock_class(sys.modules["_thread"])
            elif key == ("threading", "RLock"):
                module._CRLock = made = _subclass(module._CRLock, "_thread")
            elif key == ("queue", "SimpleQueue"):
                made = _subclass(made, "queue")
            if owner != "RLock":
                setattr(module, owner, made)
            self._own_classes[key] = made
        return self._own_classes[key]

    def _watch_method(self, kind: Any, attribute: str, name: str) -> None:
        """Of the class, and of those of its subclasses that have the method of their own."""
        for each in _with_subclasses(kind):
            own = vars(each).get(attribute)
            if each is not kind and own is None:
                continue
            original = next(
                (vars(c)[attribute] for c in each.__mro__ if attribute in vars(c)), None
            )
            names: tuple[str, ...] = (name,)
            if isinstance(original, _Asked):
                names += original.names
                original = original.original
            setattr(each, attribute, _Asked(attribute, original, names, self))

    def _watch_function(self, module: Any, attribute: str, name: str) -> None:
        reported = _Function(getattr(module, attribute), name, self)
        setattr(module, attribute, reported)
        package = sys.modules.get(module.__name__.rpartition(".")[0])
        if package is not None and hasattr(package, attribute):
            setattr(package, attribute, reported)

    def _watch_maker(self, context: Any, attribute: str, name: str) -> None:
        """A method of contexts. Those of the default one are functions of multiprocessing."""
        maker = _Maker(getattr(context.BaseContext, attribute), name, self)
        setattr(context.BaseContext, attribute, maker)
        package = sys.modules["multiprocessing"]
        if hasattr(package, attribute):
            setattr(package, attribute, getattr(context._default_context, attribute))

    def asked(self, thing: object, asked: _Asked, frame: FrameType | None) -> None:
        """A method is looked up on an object, in this frame."""
        caller = _caller(frame)
        student = self._student_frame(caller)
        if student is None or caller is None:
            return
        if caller is not student and not (
            asked.name == "__init__" and _is_made_for(thing, caller, student)
        ):
            return
        for name in asked.names:
            if _is_kin(name, type(thing)):
                self._note(name, student, thing)

    def called(self, name: str, frame: FrameType | None) -> None:
        """A function is called in this frame."""
        caller = _caller(frame)
        if caller is not None and caller is self._student_frame(caller):
            self._note(name, caller, None)

    def _note(self, name: str, student: FrameType, thing: object) -> None:
        line = student.f_lineno
        key = (name, student.f_code, line, os.getpid(), self._thread_number())
        count = self._counts.get(key, 0)
        if count < self._most:
            self._counts[key] = count + 1
            self._report(
                name,
                file=student.f_code.co_filename,
                line=line,
                variable=None if thing is None else self._variable(student, thing),
            )


def after(
    changes: dict[str, Callable[[Any], None]], module: str, change: Callable[[Any], None]
) -> None:
    """Do that, too, with a module when it has been imported, or now if it has."""
    earlier = changes.get(module)

    def both(imported: Any) -> None:
        """What was to be done with the module before, and this."""
        if earlier is not None:
            earlier(imported)
        change(imported)

    changes[module] = both
    if module in sys.modules:
        change(sys.modules[module])


def _with_subclasses(kind: Any) -> Iterator[Any]:
    yield kind
    for each in type.__subclasses__(kind):
        yield from _with_subclasses(each)


def _is_made_for(thing: object, caller: FrameType, student: FrameType) -> bool:
    """Whether the library makes the object because the student's line asks for it, by the method
    of a context or that of a subclass of the library's.
    """
    frame: FrameType | None = caller
    while frame is not None and frame is not student:
        is_subclass = frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is thing
        if not is_subclass and not frame.f_code.co_filename.endswith(_CONTEXT):
            return False
        frame = frame.f_back
    return True


def _is_kin(name: str, kind: type) -> bool:
    """Whether a subclass is of the kind that the name means: a barrier of multiprocessing is none
    of threading, and a pool of threads none of processes.
    """
    modules = {(each.__module__, each.__name__) for each in kind.__mro__}
    if name.startswith("threading."):
        return not any(module.startswith("multiprocessing.") for module, _ in modules)
    return ("multiprocessing.pool", "ThreadPool") not in modules


class _Asked:
    """A method that reports when it is looked up on an object. What objects keep under its name,
    as those of multiprocessing do, is handed out in its place.
    """

    def __init__(self, name: str, original: Any, names: tuple[str, ...], usage: Usage) -> None:
        self.name = name
        self.original = original
        self.names = names
        self._usage = usage
        self.__doc__ = getattr(original, "__doc__", None)
        self.__name__ = name

    def __get__(self, thing: object, owner: type | None = None) -> Any:
        if thing is None:
            return self if self.original is None else self.original.__get__(None, owner)
        self._usage.asked(thing, self, sys._getframe(1))
        kept = getattr(thing, "__dict__", {}).get(self.name)
        if kept is not None:
            return kept
        if self.original is None:
            raise AttributeError(self.name)
        return self.original.__get__(thing, owner)

    def __set__(self, thing: Any, value: object) -> None:
        thing.__dict__[self.name] = value

    def __delete__(self, thing: Any) -> None:
        del thing.__dict__[self.name]


class _Calling:
    """``__call__`` of a function that reports when it is looked up for a call."""

    def __get__(self, function: Any, owner: type | None = None) -> Any:
        if function is None:
            return self
        function._usage.called(function._name, sys._getframe(1))
        return function._function


class _Function:
    """A function of the library's that reports when it is called."""

    __call__ = _Calling()

    def __init__(self, function: Any, name: str, usage: Usage) -> None:
        self._function = function
        self._name = name
        self._usage = usage
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)

    def __repr__(self) -> str:
        return repr(self._function)


class _Maker:
    """A method of contexts that makes something: looked up, it is a function that reports."""

    def __init__(self, function: Any, name: str, usage: Usage) -> None:
        self._function = function
        self._name = name
        self._usage = usage

    def __get__(self, context: object, owner: type | None = None) -> Any:
        if context is None:
            return self._function
        return _Function(self._function.__get__(context, owner), self._name, self._usage)


def _subclass(kind: Any, module: str) -> Any:
    return type(kind.__name__, (kind,), {"__module__": module, "__slots__": ()})


class _Within:
    """A method of the lock that an object of ours has in it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, thing: Any, owner: type | None = None) -> Any:
        return self if thing is None else getattr(thing._lock, self._name)


def _lock_class(thread: Any) -> Any:
    """A class that does as ``_thread.lock``."""
    kind = type(thread.allocate_lock())

    def make(cls: Any) -> Any:
        """One with a lock in it."""
        made = object.__new__(cls)
        made._lock = thread.allocate_lock()
        return made

    methods = [name for name in vars(kind) if not name.startswith("__")]
    members: dict[str, object] = {
        name: _Within(name) for name in (*methods, "__enter__", "__exit__")
    }
    members["__new__"] = make
    members["__repr__"] = lambda self: repr(self._lock)
    members["__slots__"] = ("__weakref__", "_lock")
    members["__module__"] = "threading"  # by which name it can be pickled, as that of a manager is
    return type("Lock", (), members)


class Shares:
    """The shared memory that main's code makes by multiprocessing, and what it holds at the end."""

    def __init__(
        self,
        report: Callable[..., None],
        student_frame: Callable[[FrameType | None], FrameType | None],
    ) -> None:
        self._report = report
        self._student_frame = student_frame
        self._pid = os.getpid()
        self._made: list[tuple[Any, str, int]] = []

    def watch(self, changes: dict[str, Callable[[Any], None]]) -> None:
        """``multiprocessing.sharedctypes``: each value and array goes through one function."""
        after(changes, "multiprocessing.sharedctypes", self._change)

    def _change(self, sharedctypes: Any) -> None:
        rebuild = sharedctypes.rebuild_ctype

        def rebuild_ctype(type_: Any, wrapper: Any, length: Any) -> Any:
            """Keep what is made."""
            made = rebuild(type_, wrapper, length)
            student = self._student_frame(sys._getframe(1))
            is_mains = student is not None and os.getpid() == self._pid
            if student is not None and is_mains and len(self._made) < _MOST_SHARES:
                self._made.append((made, student.f_code.co_filename, student.f_lineno))
            return made

        rebuild_ctype.__module__ = rebuild.__module__
        rebuild_ctype.__qualname__ = rebuild.__qualname__
        sharedctypes.rebuild_ctype = rebuild_ctype

    def report_all(self) -> None:
        """What they hold now. Main's global variables name those that it has."""
        if os.getpid() != self._pid:
            return
        names: dict[int, str] = {}
        wrapper = getattr(sys.modules.get("multiprocessing.sharedctypes"), "SynchronizedBase", ())
        for name, value in vars(sys.modules["__main__"]).items():
            # By its type and not by its attributes: asking for those may run the student's code.
            is_wrapped = issubclass(type(value), wrapper)
            names[id(object.__getattribute__(value, "_obj") if is_wrapped else value)] = name
        for made, file, line in self._made:
            held = getattr(made, "value", None)
            if held is None and hasattr(made, "__len__"):
                held = list(made[:])
            shown = repr(held)
            if held is not None and len(shown) <= _MOST_CHARACTERS:
                self._report(
                    "shares", name=shown, variable=names.get(id(made)), file=file, line=line
                )
