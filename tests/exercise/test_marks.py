"""What mistakes cost in the exercises that are shipped: ``docs/marks.md``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

from grader.authoring.samples import load_samples
from grader.exercise import find_exercise, load_exercise, shipped_exercises

ROOT = Path(__file__).parent.parent.parent


def page() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("marks", ROOT / "docs/marks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date() -> None:
    """``python docs/marks.py`` writes what stands there."""
    marks = page()
    assert marks.DOCUMENT.read_text("utf-8") == marks.document()


def test_the_check_that_tells_the_mistake_is_among_those_that_are_lost() -> None:
    """No mistake is told without a point lost for it, and all that is lost is worth some."""
    for name in shipped_exercises():
        exercise = load_exercise(find_exercise(name))
        for sample in load_samples(exercise, ROOT / "tests" / "submissions" / name):
            lost = sample.wanted.loses or ()
            assert not lost or set(sample.wanted.reported) <= set(lost), sample
            assert all(exercise.check(each).points for each in lost), sample
