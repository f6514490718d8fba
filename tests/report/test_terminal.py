"""What a student reads at the terminal."""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from grader.checks import Feedback, Finding, Status
from grader.grading import Grade
from grader.grading.result import Places
from grader.messages import Language, Localized, say
from grader.report import render_html, render_terminal
from grader.report.terminal import Amount
from grader.trace import MAIN, Outcome, Stream, Witness
from tests.building import Story, s
from tests.report.grades import (
    HOSTILE,
    advice,
    bad,
    five,
    good,
    grade,
    hostile,
    lucky,
    not_waited,
    passed,
    skipped,
)


def shown(
    what: Grade,
    *,
    width: int = 60,
    amount: Amount = "normal",
    language: Language = "en",
    report: Path | None = None,
    colour: bool = False,
) -> str:
    """As at a terminal of that width, without the blanks at the ends of lines."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="truecolor" if colour else None,
        no_color=not colour,
    )
    render_terminal(what, language, console, amount, report)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def test_everything_is_right() -> None:
    """A line a check, the score, and where the report is."""
    assert shown(good(), report=Path("reports/join-all/student.html")) == (
        """\
Start five and wait for all · student.py · witness: kernel
✔ passed All five run at the same time                   2/2
✔ passed All five run at the same time                   1/1

3 of 3 points: everything is right.
Report: reports/join-all/student.html
"""
    )


def self_checked(*findings: tuple[Finding, float]) -> Grade:
    """What rests on the script's own word."""
    return grade(findings, [replace(five(), witness=Witness.SCRIPT, isolated=())])


def test_a_self_check_says_first_what_it_is() -> None:
    """And at the end how much of it could be judged."""
    unseen = Finding("keeps", Status.INCONCLUSIVE, say("It lets go"))
    told = " ".join(shown(self_checked((passed(), 2), (unseen, 1)), width=200).split())
    assert told.startswith(
        "Start five and wait for all · student.py · witness: the script itself "
        "This is a self-check: the script itself was asked"
    )
    assert told.endswith("Self-check: 2 of 2 points. 1 check, worth 1, could not be judged here.")
    whole = shown(self_checked((passed(), 2)), width=200)
    assert "Self-check: 2 of 2 points: right as far as it was tried here." in whole
    zh = shown(self_checked((passed(), 2), (unseen, 1)), width=200, language="zh")
    assert "· 见证：脚本本身" in zh
    assert "自查：2 分中得 2 分。另有 1 项检查（共 1 分）在这里无法评判。" in zh


def test_a_self_check_that_nobody_asked_for() -> None:
    """It says in a clause why the kernel was not asked."""
    what = replace(self_checked((passed(), 2)), fell_back=say("the system is not Linux"))
    told = "This is a self-check: the system is not Linux, so the script itself was asked"
    assert told in shown(what, width=200)
    assert told in render_html(what, "en")


def test_no_points_are_said_of_what_was_not_judged() -> None:
    """A dash where a 0 would look like a point that was lost; the last line counts as many as are
    shown, with those that are worth nothing.
    """
    unseen = [Finding(name, Status.INCONCLUSIVE, say("x")) for name in ("keeps", "advice")]
    what = self_checked((passed(), 2), (unseen[0], 1), (unseen[1], 0))
    told = " ".join(shown(what, width=200).split())
    assert "? not judged x –/1 ? not judged x ? not judged" in told
    assert told.endswith("2 of 2 points. 2 checks, worth 1, could not be judged here.")
    page = render_html(what, "en")
    assert '<span class="points">–/1</span>' in page
    assert "2 of 2 points. 2 checks, worth 1, could not be judged here." in page


def test_advice_beside_a_right_answer() -> None:
    """Where advice says what could break, the score line does not call everything right."""
    text = shown(grade([(passed(), 2), (advice(), 0)], [five()]), width=100)
    assert "2 of 2 points: what is graded is right, and advice costs no points." in text
    assert "everything is right" not in text


def test_a_failure_in_full_at_sixty_columns() -> None:
    """What happened, why, the student's line, the next step, the hint; advice after it."""
    assert shown(bad()) == (
        """\
Start five and wait for all · student.py · witness: kernel
✔ passed  All five run at the same time                  2/2
✘ failed  Main waits for all five                      0/1.5
↷ skipped Its line is the last                           0/1
          It depends on: Claim waits.
☞ advice  It burns no CPU

✘ failed · Main waits for all five
  Main printed its line at 0.01 s.
  `start()` does not wait.
  Line 16:  print("主进程")
  → What makes main stop until the children have ended?
  Hint: Which method waits?

☞ advice · It burns no CPU
  It asked 300 times.

2 of 4.5 points.
"""
    )


def test_lucky_can_be_run_again() -> None:
    """The order that breaks it is named as the command takes it."""
    assert "  Run this order again: --replay slow:worker-5x2\n" in shown(lucky())


def test_what_a_finding_says_is_not_said_twice() -> None:
    """The note on the run is left out where a finding tells it in the same words."""
    trace = five(joined=False)
    finding = not_waited(trace)
    told = shown(grade([(finding, 1)], [trace], note=finding.feedback.happened))
    assert finding.feedback.happened is not None
    assert " ".join(told.split()).count(finding.feedback.happened.in_language("en")) == 1


def test_quiet_is_the_score_alone() -> None:
    """One line, whatever else there is to say."""
    assert shown(bad(), amount="quiet") == "2 of 4.5 points.\n"


def test_verbose_has_every_process_with_its_lines() -> None:
    """From when to when it lived, how it ended, what it said."""
    story = Story()
    p = story.start(at=s(0.01), variable="p")
    story.prints(p, "hello", at=s(0.02))
    story.ends(p, at=s(1), exit_status=3)
    story.waits(MAIN, p, at=s(1))
    story.ends(MAIN, at=s(1.05))
    told = shown(grade([(passed(), 1)], [story.trace()]), amount="verbose", width=80)
    assert told.split("\n\n")[1] == (
        "main (the script itself, pid 4321): 0.00 s – 1.05 s, exit 0\n"
        "p (child of main, pid 4324): 0.01 s – 1.00 s, exit 3\n"
        "     0.02 s │ hello"
    )


def test_a_prompt_is_no_error() -> None:
    """`input` writes its prompt to stderr at a terminal; a warning looks different."""
    story = Story()
    story.prints(MAIN, "careful", at=s(0.01), stream=Stream.STDERR)
    story.prints(MAIN, "name: ", at=s(0.02), stream=Stream.STDERR, ended=False)
    story.asks(MAIN, "name: ", at=s(0.03))
    story.ends(MAIN, at=s(1))
    what = grade([(passed(), 1)], [story.trace()])
    told = shown(what, amount="verbose")
    assert "     0.01 s ! careful\n     0.02 s │ name:\n" in told
    page = render_html(what, "en")
    assert "prints to stderr: careful" in page
    assert "prints: name:" in page
    assert "stderr: name" not in page
    assert page.count('<tr class="stderr">') == 1


def test_checks_that_were_skipped_say_why() -> None:
    """Of several for the same reason it stands once, below the last."""
    trace = five(joined=False)
    what = grade(
        [
            (skipped(), 1),
            (not_waited(trace), 1.5),
            (replace(skipped(), check="a"), 1),
            (replace(skipped(), check="b"), 1),
        ],
        [trace],
    )
    assert shown(what).split("\n\n")[0].split("\n")[1:] == [
        "↷ skipped Its line is the last                           0/1",
        "          It depends on: Claim waits.",
        "✘ failed  Main waits for all five                      0/1.5",
        "↷ skipped Its line is the last                           0/1",
        "↷ skipped Its line is the last                           0/1",
        "          They depend on: Claim waits.",
    ]


def test_verbose_has_the_places_that_were_tried() -> None:
    """How many of how many."""
    counted = replace(grade([(passed(), 1)], [Story().trace()]), places=Places(tried=12, all=23))
    line = "What happens when one process or thread overtakes another was tried at 12 of 23 places"
    assert line in shown(counted, amount="verbose", width=100)
    assert "overtakes" not in shown(counted, width=100)
    none = replace(counted, places=Places(tried=0, all=23))
    assert "overtakes" not in shown(none, amount="verbose", width=100)


def test_verbose_tells_runs_apart() -> None:
    """Each run begins with its order."""
    told = shown(lucky(), amount="verbose", width=100)
    assert "\nIn the natural order\n" in told
    assert "\nAnother order: if Process-5 needs twice as long\n" in told


def test_how_the_run_ended_and_the_note() -> None:
    """A deadlock is said between the checks and the failures."""
    story = Story()
    story.outcome(Outcome.DEADLOCK)
    told = shown(grade([(passed(), 1)], [story.trace()], note=say("Nobody can go on.")))
    assert told.split("\n\n")[1:3] == [
        "The run: deadlock: everything waits, and nothing can go on.",
        "  Nobody can go on.",
    ]


def test_not_judged_is_no_lost_point() -> None:
    """Without a verdict there is no score."""
    finding = Finding("waits", Status.INCONCLUSIVE, say("x"), Feedback(say("The machine refused.")))
    told = shown(grade([(finding, 2)], [Story().trace()]), width=100)
    assert "? not judged x" in told
    assert told.endswith(
        "Not judged: the grader could not see enough. No points are lost by that.\n"
    )


def test_colour_is_never_alone() -> None:
    """With colours the words are the same as without."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown(bad(), colour=True))
    assert "\n".join(line.rstrip() for line in plain.split("\n")) == shown(bad())


CLAIMS: dict[Language, str] = {
    "en": "`主程序` is printed after the child has ended, however slow or late the child is",
    "zh": "不管子进程有多慢、多晚，`主程序` 都在子进程结束之后打印，而且（从句）一个字也不少",
}
MULTILINGUAL = Localized(CLAIMS)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 72, 80, 88, 120])
def test_no_claim_is_cut(language: Language, width: int) -> None:
    """At any width the whole of what is expected, and of what happened, is there, in lines that
    are no wider than the terminal.
    """
    findings = [
        Finding("one", Status.PASSED, MULTILINGUAL),
        Finding("two", Status.FAILED, MULTILINGUAL, Feedback(MULTILINGUAL, MULTILINGUAL)),
    ]
    told = shown(
        grade([(each, 1.5) for each in findings], [five()]), width=width, language=language
    )
    points = re.sub(r" [0-9.]+/1\.5$", "", told, flags=re.M)
    assert "".join(points.split()).count("".join(CLAIMS[language].split())) == 5
    assert max(map(cell_len, told.split("\n"))) <= width


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("amount", ["quiet", "normal", "verbose"])
def test_hostile_text_does_not_act(text: str, amount: Amount) -> None:
    """No control code, no markup, no bidirectional mark reaches the terminal."""
    assert_harmless(shown(hostile(text, script=text or "x"), amount=amount))


@settings(max_examples=60)
@given(st.text(st.characters(), max_size=80))
def test_whatever_a_student_writes(text: str) -> None:
    """Any text at all."""
    assert_harmless(shown(hostile(text), amount="verbose"))


def assert_harmless(told: str) -> None:
    for character in set(told) - set("\n\t\u200c\u200d"):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_markup_is_text() -> None:
    """Rich's own markup in a student's line is shown as it is."""
    assert "[bold red]passed[/bold red]:smile:" in shown(
        hostile("[bold red]passed[/bold red]:smile:"), width=100
    )


def test_nobody_paints_a_score() -> None:
    """A name with line ends in it cannot put a line of its own at the left edge."""
    forged = "x\n\n10 of 10 points: everything is right.\n✔ passed"
    lines = shown(hostile(forged, script=forged), amount="verbose", width=200).split("\n")
    assert [line for line in lines if line.startswith(("10 of 10", "✔"))] == []
    assert lines[-2] == "0 of 1 points."


def test_five_megabytes_in_one_line() -> None:
    """A very long line is cut."""
    story = Story()
    story.prints(MAIN, "x" * 5_000_000, at=s(0.1))
    told = shown(grade([(passed(), 1)], [story.trace()]), amount="verbose")
    assert len(told) < 3_000


def test_what_was_left_open_is_said() -> None:
    """Where local services could be reached, in the report too; elsewhere nothing is said of it."""
    sentence = "This machine did not shut off local services"
    assert sentence not in shown(good())
    what = good()
    left_open = tuple(replace(run, isolated=("files", "network")) for run in what.runs)
    what = replace(what, runs=left_open)
    assert sentence in shown(what)
    assert sentence in render_html(what, "en")
