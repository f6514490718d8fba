"""The grade as JSON: the shape that docs/json.md promises."""

from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks import Feedback, Finding, Mark, Relation, Status
from grader.grading import Grade
from grader.grading.result import Places
from grader.messages import Localized, say
from grader.report import to_json
from grader.trace import MAIN, Location, Outcome, Printed
from tests.building import EVENT_KINDS, SCRIPT, Story, s
from tests.report.grades import HOSTILE, bad, good, grade, hostile, lucky, passed, spawned

DOCUMENT = Path(__file__).parents[2] / "docs" / "json.md"


def example() -> Grade:
    """The grade that the document shows."""
    story = Story()
    p = story.start(at=s(0.01), variable="p", line=12)
    story.prints(MAIN, "主程序", at=s(0.012))
    story.ends(p, at=s(1.011))
    story.waits(MAIN, p, began=s(0.013), at=s(1.011), in_shutdown=True)
    story.ends(MAIN, at=s(1.02))
    trace = story.trace()
    finding = Finding(
        "waits",
        Status.FAILED,
        Localized({"en": "Main waits for the child", "zh": "主进程等待子进程"}),
        Feedback(
            say("Main printed its line at 0.01 s, p ended at 1.01 s."),
            say("`start()` does not wait."),
            say("What makes main stop until p has ended?"),
            Location(SCRIPT, 13),
        ),
        hint=say("Which method waits?"),
        run=trace,
        mistake="no-wait",
        relations=(Relation(Mark(p, s(1.011)), Mark(MAIN, s(0.012)), say("not waited for")),),
    )
    return grade([(finding, 2)], [trace])


def loaded(what: Grade) -> Any:
    return json.loads(to_json(what, "en"))


def test_the_document_shows_what_is_written() -> None:
    """The example in docs/json.md is the JSON of a grade, to the letter."""
    shown = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert [to_json(example(), "en")] == shown


def test_the_document_names_every_key() -> None:
    """Nothing is written that is not explained."""
    text = DOCUMENT.read_text(encoding="utf-8")
    explained = set(re.findall(r"`([a-z0-9_-]+)`", text))
    told = loaded(bad())
    keys = set(told) | {key for check in told["checks"] for key in check}
    keys |= {key for process in told["processes"] for key in process}
    keys |= {key for run in loaded(spawned())["further_runs"] for key in run}
    of_events = [each for kind in EVENT_KINDS for each in fields(kind)]
    keys |= {each.name for each in of_events}
    kinds = {each.default for each in of_events if each.name == "kind"}
    outcomes = {outcome.value for outcome in Outcome}
    statuses = {status.value for status in Status}
    assert (keys | kinds | outcomes | statuses) - explained == set()


def test_scores_add_up() -> None:
    """The score is the sum of the points, and what is possible that of the possible ones."""
    for what in (good(), bad(), lucky()):
        told = loaded(what)
        assert told["score"] == sum(check["points"] for check in told["checks"])
        assert told["possible"] == sum(check["possible"] for check in told["checks"])


def test_what_could_not_be_judged_has_no_score() -> None:
    """Null, never 0."""
    finding = Finding("waits", Status.INCONCLUSIVE, say("x"))
    told = loaded(grade([(finding, 1), (passed(), 1)], [Story().trace()]))
    assert (told["score"], told["possible"], told["passed"]) == (None, 2, None)


def test_a_script_that_never_ran() -> None:
    """Without a run there is no clock, and there are no events."""
    told = loaded(grade([(passed(), 1)], [], note=say("The file is empty.")))
    assert (told["clock"], told["isolation"], told["isolated"]) == (None, None, [])
    assert (told["processes"], told["events"]) == ([], [])
    assert told["note"] == "The file is empty."
    assert told["outcome"] == "crashed"


def test_texts_are_in_the_language_asked_for() -> None:
    """Keys and statuses stay, texts change."""
    (check,) = json.loads(to_json(example(), "zh"))["checks"]
    assert (check["status"], check["expected"]) == ("failed", "主进程等待子进程")


def test_the_order_that_broke_it() -> None:
    """A lucky check names its schedule, and all that were tried are listed."""
    told = loaded(lucky())
    assert told["schedules"] == ["natural", "child-first", "slow:worker-5x2"]
    assert [check["schedule"] for check in told["checks"]] == [None, "slow:worker-5x2"]


def test_places_that_were_tried() -> None:
    """How many there are, and were tried; null where they were not counted."""
    assert loaded(lucky())["places"] is None
    told = loaded(replace(lucky(), places=Places(tried=12, all=23)))
    assert told["places"] == {"tried": 12, "all": 23}


def test_the_run_under_another_start_method() -> None:
    """A finding names the start method of its run, and that run is there as well."""
    told = loaded(spawned())
    assert [check["start_method"] for check in told["checks"]] == ["spawn", "fork"]
    (run,) = told["further_runs"]
    assert (run["schedule"], run["start_method"], run["outcome"]) == (
        "natural",
        "spawn",
        "finished",
    )
    assert [process["pid"] for process in run["processes"]] == [4321, 4324]
    assert "top" in [event.get("text") for event in run["events"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_whole(text: str) -> None:
    """The values are exactly what was said, and printing the file does no harm."""
    assert_whole_and_harmless(text)


@given(st.text(st.characters(), max_size=60))
def test_whatever_a_student_writes(text: str) -> None:
    """Any text at all."""
    assert_whole_and_harmless(text)


def assert_whole_and_harmless(text: str) -> None:
    written = to_json(hostile(text), "en")
    said = [event["text"] for event in json.loads(written)["events"] if "text" in event]
    assert said == [json.loads(json.dumps(text))] * 2
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", written) is None
    written.encode("utf-8")


def test_a_long_run_takes_little_more_memory_than_its_text() -> None:
    """A script that prints 50,000 lines is told from its limit, not from the grader's."""
    short = example()
    first = short.runs[0]
    printed = next(event for event in first.events if isinstance(event, Printed))
    events = tuple(replace(printed, at=at) for at in range(20_000))
    long = replace(short, runs=(replace(first, events=events),))
    to_json(short, "en")  # what is made once is none of it
    tracemalloc.start()
    try:
        written = to_json(long, "en")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(json.loads(written)["events"]) == len(events)
    assert most < 8 * len(written)
