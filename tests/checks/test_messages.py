"""Messages taken for an end, what never comes out of a queue, and main's own last word."""

from __future__ import annotations

from typing import Any

from grader.checks import Status
from grader.trace import MAIN, Outcome, Stream, WaitReason
from tests.building import Story, s
from tests.checks.stage import ONE_CHILD, findings, said

WAITS: dict[str, Any] = {
    "id": "waits",
    "waited": {"for": "child", "by": "main", "before": {"prints": "done", "by": "main"}},
}
CODE = """\
from multiprocessing import Process, Queue
def work(queue):
    queue.put(1)
if __name__ == "__main__":
    queue = Queue()
    p = Process(target=work, args=(queue,))
    p.start()
    {}
    print("done")
"""


def not_waited() -> Story:
    story = Story()
    p = story.start(at=s(0.01), variable="p", line=7)
    story.prints(MAIN, "done", at=s(1.02))
    story.ends(p, at=s(1.0233))
    story.ends(MAIN, at=s(1.03))
    return story


def test_a_message_taken_for_the_end() -> None:
    """Main waited, but not for the end."""
    (finding,) = findings(
        not_waited(), WAITS, cast=ONE_CHILD, code=CODE.format("queue.get()")
    ).values()
    assert said(finding) == [
        "Main waited for a message (line 8), and not for the end of p.",
        "`queue.get` (line 8) waits for a message. A message says how far the child has come; "
        "afterwards it may still be at work, and it has not ended.",
        "What is left for p to do after its message, and who waits for that?",
    ]


def test_messages_of_several_children_taken_for_their_ends() -> None:
    """Whichever of them is the last in this run, main waited for the end of none."""
    story = Story()
    children = [story.start(at=s(0.01), variable=name, line=7) for name in ("p", "q")]
    story.prints(MAIN, "done", at=s(1.02))
    for child in children:
        story.ends(child, at=s(1.03))
    (finding,) = findings(
        story,
        {**WAITS, "waited": {**WAITS["waited"], "for": "children"}},
        cast={"children": {"children-of": "main"}},
        code=CODE.format("for _ in range(2): queue.get()"),
    ).values()
    assert said(finding)[::2] == [
        "Main waited for messages (line 8), and not for the end of p and q.",
        "What is left for each of them to do after its message, and who waits for that?",
    ]


def test_a_message_that_only_the_child_reads() -> None:
    """What the child reads holds up nobody else."""
    code = CODE.replace("queue.put(1)", "queue.get()").format("queue.put(1)")
    (finding,) = findings(not_waited(), WAITS, cast=ONE_CHILD, code=code).values()
    assert (
        said(finding)[1] == "`start()` does not wait: it comes back at once, while the child works."
    )


def standstill(story: Story) -> list[str]:
    story.outcome(Outcome.DEADLOCK)
    (finding,) = findings(
        story, {"id": "clean", "clean": True}, code=CODE.format("p.join()")
    ).values()
    assert finding.status is Status.FAILED
    return said(finding)


def test_nothing_more_comes_out_of_a_queue() -> None:
    """The producer has ended: how is the consumer to know that this was all?"""
    story = Story()
    producer = story.start(at=s(0.01), variable="producer")
    consumer = story.start(at=s(0.02), variable="consumer")
    story.ends(producer, at=s(0.5))
    story.blocks(MAIN, WaitReason.CHILD, consumer, line=8)
    story.blocks(consumer, WaitReason.PIPE)
    assert standstill(story)[1:] == [
        "Only what was put into a queue or a pipe comes out of it. Every process that could put "
        "something in has ended, or waits, too.",
        "How could consumer learn that nothing more will come?",
    ]


def test_nothing_is_ever_put_into_a_queue() -> None:
    """All who could put something in wait themselves."""
    story = Story()
    p = story.start(at=s(0.01), variable="p")
    story.blocks(MAIN, WaitReason.CHILD, p, line=8)
    story.blocks(p, WaitReason.PIPE)
    assert standstill(story)[2] == "Which process should put something in for p, and at which line?"


def test_a_single_process_that_stands_still() -> None:
    """Where only one waits there is no other that waits as well."""
    story = Story()
    story.blocks(MAIN, WaitReason.LOCK, line=8)
    assert standstill(story)[1:] == [
        "No process is left that could do what it waits for.",
        "Who should have done it, and before which line?",
    ]


def test_main_ends_itself_with_a_text() -> None:
    """The line is known by its last words."""
    story = Story()
    story.prints(MAIN, "bye", at=s(0.01), stream=Stream.STDERR)
    story.ends(MAIN, at=s(0.01), exit_status=1)
    (finding,) = findings(
        story, {"clean": True}, code='import os\nraise SystemExit("bye")\n'
    ).values()
    assert said(finding) == [
        "Main ended by itself at 0.01 s, with exit status 1. Line 2 did that: `SystemExit('bye')`.",
        "Main ended the program itself, and with an exit status that means an error.",
        "Should main end there, and what is left out because of it?",
    ]
    (finding,) = findings(story, {"clean": True}, code='raise SystemExit("hello")\n').values()
    assert finding.feedback.line is None
