"""The sentences of the class page and of the page of similar programs."""

from __future__ import annotations

from grader.messages import Text, say

PAGE_TEXTS: dict[str, Text] = {
    "class": say("The class"),
    "students": say("students"),
    "answers": say("answers"),
    "passed": say("passed"),
    "not passed": say("did not pass"),
    "not judged": say("not judged"),
    "missing": say("missing"),
    "late": say("late"),
    "by hand": say("mark by hand"),
    "mean": say("mean"),
    "median": say("median"),
    "marks": say("The marks"),
    "points": say("Points"),
    "number": say("How many"),
    "mistakes": say("The commonest mistakes"),
    "mistakes help": say(
        "Who was told the same thing made the same mistake. What stands in it are the names, lines "
        "and times of one of them."
    ),
    "more mistakes": say("The others"),
    "no mistakes": say("Nobody made one."),
    "hint": say("Hint"),
    "made by": say("Who made it:"),
    "show them": say("show them in the table"),
    "everybody": say("Everybody"),
    "everybody help": say(
        "A row a student, a column a check. What did not pass leads to its place in the report."
    ),
    "student": say("Student"),
    "mark": say("Mark"),
    "search": say("Search"),
    "search for": say("name or number"),
    "show": say("Show"),
    "everyone": say("everybody"),
    "lucky": say("lucky"),
    "exercise": say("Exercise"),
    "all exercises": say("all"),
    "sort": say("Sort"),
    "by name": say("by name"),
    "by mark": say("lowest mark first"),
    "only mistake": say("Only who made this mistake:"),
    "only check": say("Only who did not pass this check:"),
    "reset": say("Show everybody again"),
    "shown": say("{shown} of {total} students"),
    "nobody": say("Nobody fits. Show everybody again, or search for something else."),
    "checks": say("What the checks ask for"),
    "share passed": say("passed by"),
    "nothing": say("nothing handed in"),
    "attempt": say("attempt"),
    "unmatched": say("Not graded"),
    "unmatched help": say("What is nobody's answer to anything, and why."),
    "changed": say("Marks that are others than the last time"),
    "earlier": say("Earlier attempts"),
    "earlier help": say("They were replaced by later ones, which count."),
    "file": say("File"),
    "why": say("Why"),
    "before": say("Before"),
    "now": say("Now"),
    "anonymous": say("Names, numbers, files and reports are left out of this page."),
    "similar": say("Programs that are alike"),
    "similar hint": say(
        "A hint where to look, and no verdict. Short exercises have few right answers, which look "
        "alike by themselves, and students who learn together write alike. What many programs of "
        "the class share is left out of the comparison; talk to people before you conclude."
    ),
    "same": say("The same program"),
    "same help": say("But for names, texts, comments and spaces these programs are one."),
    "same files": say("the same file, byte for byte"),
    "pairs": say("Pairs"),
    "pairs help": say(
        "How much of what is a program's own is in the other one, too. Marked is what they share."
    ),
    "no pairs": say("No two programs are that much alike."),
    "compared": say("programs compared"),
    "threshold": say("shown from"),
    "report": say("report"),
    "and": say("and"),
    "back": say("Back to the class"),
    "made with": say("Made by grader"),
}
