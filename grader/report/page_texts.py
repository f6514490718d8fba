"""The page's own sentences, by the names that the template calls them."""

from __future__ import annotations

from grader.messages import Text, say

PAGE_TEXTS: dict[str, Text] = {
    "task": say("The task"),
    "findings": say("Findings"),
    "all": say("all"),
    "open": say("not passed"),
    "hint": say("Hint"),
    "again": say("Run this order again"),
    "see": say("see it in the timeline"),
    "timeline": say("What the processes did"),
    "timeline help": say(
        "A lane a process, time from left to right. Where the axis is broken, nothing new "
        "happens for as long as it says there."
    ),
    "events": say("Every event, in order"),
    "time": say("Time"),
    "who": say("Who"),
    "what": say("What"),
    "source": say("Your script"),
    "terminal": say("At the terminal"),
    "by process": say("By process"),
    "peers": say("What the other programs printed"),
    "processes": say("Processes"),
    "role": say("Role"),
    "began": say("Began"),
    "ended": say("Ended"),
    "how": say("How"),
    "nothing printed": say("Nothing was printed."),
    "typed": say("typed"),
    "zoom": say("Zoom"),
    "keys": say("Keys"),
    "key findings": say("next and previous finding"),
    "key events": say("next and previous event in the timeline"),
    "key zoom": say("zoom in, out, and back"),
    "key help": say("show or hide these keys"),
    "close": say("Close"),
    "made by": say("Made by grader"),
}

CLOCKS: dict[str, Text] = {
    "virtual": say("the script's own clock"),
    "real": say("the real clock"),
}
