"""What may be believed where the witness is the script's own word."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from grader.checks import Status
from grader.checks.evidence import ON_THE_SCRIPTS_WORD, Belief, evidence_for
from grader.exercise import RELATIONS
from grader.trace import MAIN
from tests.building import Story, s
from tests.checks.stage import WORKERS, exercise, findings, verdict

KEEPS = {"keeps-open": {"who": "main", "at-most": 0}}
TOGETHER = {"together": "workers"}
SPAN = {"time": {"from": {"starts": "main"}, "to": {"ends": "main"}}}


def told(story: Story) -> Story:
    story.is_the_scripts_word()
    return story


def lasting(seconds: float) -> Story:
    """Main ends after so long."""
    story = Story()
    story.ends(MAIN, at=s(seconds))
    return story


def one_after_the_other(*, waits: bool = False) -> Story:
    """The second child is started when the first one has ended: main waited for it, or was slow."""
    story = Story()
    first = story.start(at=s(0.1))
    story.ends(first, at=s(0.3))
    if waits:
        story.waits(MAIN, first, began=s(0.15), at=s(0.3))
    second = story.start(at=s(0.4))
    story.ends(second, at=s(0.6))
    story.ends(MAIN, at=s(0.7))
    return story


def test_the_table_is_complete() -> None:
    """Each relation of the language has a row in `grader.checks.evidence`, and there is no other: a
    new one is judged on the script's own word, by a wider bound, or not at all, for a reason.
    """
    assert set(ON_THE_SCRIPTS_WORD) == set(RELATIONS.values())
    assert all(row.because.endswith(".") for row in ON_THE_SCRIPTS_WORD.values())


def test_the_page_is_up_to_date() -> None:
    """``python docs/platforms.py`` writes what stands there."""
    place = Path(__file__).parents[2] / "docs" / "platforms.py"
    spec = importlib.util.spec_from_file_location("platforms", place)
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.DOCUMENT.read_text("utf-8") == page.document()


def test_what_only_the_kernel_can_say() -> None:
    """It is judged by the kernel, and otherwise not: neither passed nor failed, and why."""
    assert verdict(lasting(1), KEEPS).status is Status.PASSED
    unjudged = verdict(told(lasting(1)), KEEPS)
    assert unjudged.status is Status.INCONCLUSIVE
    assert unjudged.feedback.happened is not None
    assert unjudged.feedback.happened.in_language("en").startswith("Only the kernel can say ")


def test_what_needs_what_only_the_kernel_can_say() -> None:
    """It is judged without that, and not held back by it."""
    needing = [
        {"id": "keeps", **KEEPS},
        {"id": "says", "needs": ["keeps"], "prints": {"text": "hello"}},
        {"id": "ends", "needs": ["keeps"], "ended": {"who": "main", "exit": 0}},
    ]
    found = findings(told(lasting(1)), *needing)
    assert [each.status for each in found.values()] == [
        Status.INCONCLUSIVE,
        Status.FAILED,
        Status.PASSED,
    ]


def test_a_check_of_another_package() -> None:
    """What has no row in the table is not judged."""
    asked = exercise(KEEPS)
    unknown = asked.checks[0].model_copy(update={"parameters": None})
    assert evidence_for(unknown, asked).belief is Belief.NOT_JUDGED


@pytest.mark.parametrize(
    ("seconds", "bounds", "by_kernel", "by_script"),
    [
        (1.0, {"at-least": "950ms", "at-most": "1.5s"}, Status.PASSED, Status.PASSED),
        (0.93, {"at-least": "950ms"}, Status.FAILED, Status.PASSED),
        (0.91, {"at-least": "950ms"}, Status.FAILED, Status.FAILED),
        (3.9, {"at-most": "1.5s"}, Status.FAILED, Status.PASSED),
        (4.1, {"at-most": "1.5s"}, Status.FAILED, Status.FAILED),
    ],
)
def test_times(
    seconds: float, bounds: dict[str, str], by_kernel: Status, by_script: Status
) -> None:
    """On the real clock a few hundredths less than the least are enough, and twice the most and a
    second more is not too much.
    """
    check = {"time": {**SPAN["time"], **bounds}}
    assert verdict(lasting(seconds), check).status is by_kernel
    assert verdict(told(lasting(seconds)), check).status is by_script


@pytest.mark.parametrize(
    ("sleeper", "status"),
    [("worker", Status.FAILED), ("main", Status.PASSED)],
)
def test_a_sleep_that_is_too_long_by_itself(sleeper: str, status: Status) -> None:
    """No machine makes the sleep of a process longer than its code says, but a slow one may have
    brought another one's into the span.
    """
    story = told(Story())
    worker = story.start(at=s(0.1))
    story.sleeps(worker if sleeper == "worker" else MAIN, at=s(0.2), until=s(2.2))
    story.ends(worker, at=s(2.3))
    story.ends(MAIN, at=s(2.4))
    span = {"from": {"starts": "worker"}, "to": {"ends": "worker"}, "at-most": "1.5s"}
    cast = {"worker": {"children-of": "main", "count": 1}}
    assert verdict(story, {"time": span}, cast).status is status


def test_a_machine_that_starts_processes_slowly() -> None:
    """That the last child came when the first was gone proves nothing on the script's own word."""
    assert verdict(one_after_the_other(), TOGETHER, WORKERS).status is Status.FAILED
    found = verdict(told(one_after_the_other()), TOGETHER, WORKERS)
    assert found.status is Status.INCONCLUSIVE


def test_main_that_waits_between_two_starts() -> None:
    """Then it is main's doing, whatever the machine."""
    story = told(one_after_the_other(waits=True))
    assert verdict(story, TOGETHER, WORKERS).status is Status.FAILED


@pytest.mark.parametrize(
    "asked",
    [
        {"prints": {"text": "hello"}},
        {"prints": {"text": "hello", "never": True}},
        {"order": [{"starts": "main"}, {"prints": "hello"}]},
    ],
    ids=["line", "no-line", "moment"],
)
def test_lines_that_nobody_says_to_have_printed(asked: dict[str, object]) -> None:
    """Where some came out, what asks for lines is not judged on the script's own word, in neither
    direction; all else is.
    """
    story = told(lasting(1))
    story.has_unattributed_output()
    found = findings(
        story, {"id": "says", **asked}, {"id": "ends", "ended": {"who": "main", "exit": 0}}
    )
    assert [each.status for each in found.values()] == [Status.INCONCLUSIVE, Status.PASSED]
    kernel = lasting(1)
    kernel.has_unattributed_output()
    assert verdict(kernel, asked).status is not Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("name", "status"), [("patient", Status.INCONCLUSIVE), ("alice", Status.FAILED)]
)
def test_a_peer_whose_pause_was_cut_short(name: str, status: Status) -> None:
    """What is asked of it is not judged on the script's own word; what is asked of others is."""
    story = told(lasting(1))
    story.peer(at=s(0.1), name="patient", hurried=True)
    story.peer(at=s(0.1), name="alice")
    asked = {"prints": {"text": "answer: *", "by": name}}
    peers = [{"name": each, "program": "stage.py"} for each in ("patient", "alice")]
    assert verdict(story, asked, run={"peers": peers}).status is status
