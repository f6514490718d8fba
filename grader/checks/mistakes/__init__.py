"""The mistakes that beginners make: an ordered table, and detectors by subject.

A mistake is added by a row in `grader.checks.mistakes.table` and its detector in the module of
its subject. An exception that ends a process is added by a row in one of the tables of
exceptions.
"""

from grader.checks.mistakes.exceptions import EXCEPTIONS, explain
from grader.checks.mistakes.model import Detected, Mistake, RaisedException, Recognised
from grader.checks.mistakes.table import MISTAKES, note_on, recognise

__all__ = [
    "EXCEPTIONS",
    "MISTAKES",
    "Detected",
    "Mistake",
    "RaisedException",
    "Recognised",
    "explain",
    "note_on",
    "recognise",
]
