"""`distinct`: each process says a name of its own."""

from __future__ import annotations

import pytest

from grader.checks import Status, Verdict
from tests.building import FIRST_PID, Story, s
from tests.checks.stage import WORKERS, said, verdict

OWN_NAMES = {"prints": {"text": "*正在*", "by": "workers", "each": True, "distinct": True}}
GIVEN = (
    "from multiprocessing import Process\n"
    "class Worker(Process): pass\n"
    "w = [Worker('a'), Worker('b')]\n"
)
NOT_GIVEN = GIVEN.replace("'a'", "").replace("'b'", "")


def found(*lines: str, code: str = GIVEN, class_name: str = "Worker") -> Verdict:
    """One worker for each text; a text of several lines is printed as such."""
    story = Story()
    for number, text in enumerate(lines, 1):
        name = f"{class_name}-{number}"
        worker = story.start(at=s(number / 100), name=name, class_name=class_name, line=4)
        for line in text.split("\n"):
            story.prints(worker, line, at=s(number / 100 + 0.005))
    return verdict(story, OWN_NAMES, WORKERS, code)


@pytest.mark.parametrize(
    "lines",
    [
        ("小明...正在工作", "小红...正在工作"),
        ("小明正在", "小明明正在"),
        ("正在启动\n小明 正在工作", "正在启动\n小红 正在工作"),
        (f"{FIRST_PID + 3} 小明正在", f"{FIRST_PID + 6} 小红正在"),
    ],
)
def test_different_names(lines: tuple[str, str]) -> None:
    """What differs is the name: pids and punctuation do not count."""
    assert found(*lines).status is Status.PASSED


def test_names_like_default_ones_that_the_script_gives() -> None:
    """They look as if multiprocessing had made them up, and are written in the script."""
    given = GIVEN.replace("'a'", "'Worker-1'").replace("'b'", "'Worker-2'")
    assert found("Worker-1正在工作", "Worker-2正在工作", code=given).status is Status.PASSED


@pytest.mark.parametrize("code", [GIVEN, NOT_GIVEN], ids=["name lost", "no name"])
@pytest.mark.parametrize("around", ["{}正在", "工人 {} 正在"])
def test_default_names_whatever_is_around_them(code: str, around: str) -> None:
    """Also where a name is given and never gets to the process: what it says was not chosen."""
    lines = [around.format(f"Worker-{number}") for number in (1, 2)]
    (happened, *_) = said(found(*lines, code=code))
    assert happened.endswith("That is a default name, which your script did not choose.")


def test_a_default_name_beside_one_that_was_given() -> None:
    """The name of its own counts."""
    lines = ("小明(Worker-1)正在", "小红(Worker-2)正在")
    assert found(*lines, code=GIVEN).status is Status.PASSED


def test_the_same_name() -> None:
    """Both lines are shown."""
    assert said(found("小明...正在跑", "小明...正在跳")) == [
        "Worker-1 printed “小明...正在跑”, and Worker-2 printed “小明...正在跳”, which "
        "says the same.",
        "The task asks each of them for a text of its own.",
        "Where does each process get this from, and how many different ones are there?",
    ]


def test_the_same_name_beside_different_numbers() -> None:
    """Every process has its own pid: that is no name."""
    same = found(f"{FIRST_PID + 3}: 小明正在", f"{FIRST_PID + 6}: 小明正在")
    assert same.status is Status.FAILED


def test_no_name() -> None:
    """Only the number stands there."""
    assert said(found(f"{FIRST_PID + 3} 正在工作", "小红正在工作")) == [
        f"Worker-1 printed “{FIRST_PID + 3} 正在工作”, and nothing of its own in it.",
        "The task asks each process for a text of its own where the “…” stands.",
        "What is to differ from process to process, and how does it get into the line?",
    ]


def test_names_that_nobody_chose() -> None:
    """Those that multiprocessing makes up are told apart, but they are not given."""
    assert said(found("Worker-1正在工作", "Worker-2正在工作", code=NOT_GIVEN)) == [
        "Worker-1 printed “Worker-1正在工作”. That is a default name, which your script did not "
        "choose.",
        "A process that is given no name gets a default one, such as `Process-1`.",
        "Where in your script could each worker be told a name of its own?",
    ]


def test_names_that_are_set_later() -> None:
    """An assignment gives a name as well."""
    code = NOT_GIVEN + "w[0].name = 'Worker-1'\n"
    assert found("Worker-1正在工作", "Worker-2正在工作", code=code).status is Status.PASSED
