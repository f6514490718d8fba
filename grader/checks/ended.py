"""``ended``: how a process ended, by whom, and when."""

from __future__ import annotations

from grader.checks.misfits import misfit_of, of_missing
from grader.checks.moments import Missing, find_moment
from grader.checks.scene import Scene
from grader.checks.verdict import Verdict, failed, passed
from grader.exercise import MAIN_NAME, EndedHow, Moment
from grader.messages import Text, say
from grader.trace import MAIN, Ended, ProcessNumber, Signalled, questions
from grader.trace.naming import seconds, signal_name, verbatim


def judge_ended(wanted: EndedHow, scene: Scene) -> Verdict:
    """Whether each one ended as it should."""
    enders = [] if wanted.by in (None, "itself", "shutdown") else [str(wanted.by)]
    misfit = misfit_of(scene, wanted.who, *enders)
    if misfit is not None:
        return misfit
    for number in scene.cast.of(wanted.who):
        verdict = _judge_one(number, wanted, scene)
        if verdict is not None:
            return verdict
    return passed(say("{how}.", how=how_ended(scene.cast.of(wanted.who)[0], scene)))


def _judge_one(number: ProcessNumber, wanted: EndedHow, scene: Scene) -> Verdict | None:
    """What is wrong with the end of one process; None if nothing is."""
    end = questions.end_of(scene.trace, number)
    who = questions.process(scene.trace, number)
    if end is None or who.killed_by_grader:
        return failed(
            say("{name} had not ended when the run was over.", name=scene.subject(number)),
            why=say("Nothing ended it, and it did not come to the end of its work."),
            next=say("What is it doing, and who should end it?"),
            about=[number],
            missing=True,
        )
    if (wanted.exit is not None and end.exit_status != wanted.exit) or (
        wanted.signal is not None
        and (end.signal is None or signal_name(end.signal) != wanted.signal)
    ):
        return _in_another_way(number, wanted, scene)
    if wanted.by is not None and not _ended_by(number, wanted.by, scene):
        return _by_another(number, wanted.by, scene)
    return _at_another_time(number, end, wanted, scene)


def _ended_by(number: ProcessNumber, wanted: str, scene: Scene) -> bool:
    actual = questions.ended_by(scene.trace, number)
    if wanted in ("itself", "shutdown"):
        return actual == wanted
    return actual in scene.cast.of(wanted)


def how_ended(number: ProcessNumber, scene: Scene) -> Text:
    """How a process ended, as a sentence without its full stop."""
    end = questions.end_of(scene.trace, number)
    assert end is not None
    name, time = scene.subject(number), seconds(end.at)
    if end.signal is None:
        return say(
            "{name} ended by itself at {time}, with exit status {status}",
            name=name,
            time=time,
            status=end.exit_status if end.exit_status is not None else "?",
        )
    signal = verbatim(signal_name(end.signal))
    by = questions.ended_by(scene.trace, number)
    if by == "shutdown":
        return say(
            "{name} was ended at {time}, because the code of {parent} was over ({signal})",
            name=name,
            time=time,
            parent=scene.name(end.sender or MAIN),
            signal=signal,
        )
    if isinstance(by, int):
        return say(
            "{name} was ended by {sender} at {time} ({signal})",
            name=name,
            sender=scene.name(by),
            time=time,
            signal=signal,
        )
    return say(
        "{name} was ended by the system at {time} ({signal})", name=name, time=time, signal=signal
    )


def _in_another_way(number: ProcessNumber, wanted: EndedHow, scene: Scene) -> Verdict:
    expected = (
        say("exit status {status}", status=wanted.exit)
        if wanted.exit is not None
        else verbatim(wanted.signal or "")
    )
    end = questions.end_of(scene.trace, number)
    by_signal = end is not None and end.signal is not None
    if by_signal and wanted.signal is not None:
        return _by_another_signal(number, wanted.signal, scene)
    return failed(
        say(
            "{how}; the task asks for {expected}.", how=how_ended(number, scene), expected=expected
        ),
        why=say(
            "A signal ends a process in the middle of what it does: it never comes to the rest of "
            "its lines."
        )
        if by_signal
        else say(
            "Exit status 0 says that a process came to the end of its work; an error that nobody "
            "catches makes it 1."
        ),
        next=say("What ended {name}, and at which line was it then?", name=scene.name(number)),
        about=[number],
    )


def _by_another_signal(number: ProcessNumber, wanted: str, scene: Scene) -> Verdict:
    return failed(
        say(
            "{how}; the task asks for {expected}.",
            how=how_ended(number, scene),
            expected=verbatim(wanted),
        ),
        why=say(
            "There are several signals that end a process. SIGTERM asks it to end, and it could "
            "still tidy up; SIGKILL ends it on the spot."
        ),
        next=say("Which method sends which of the two?"),
        about=[number],
    )


def _by_another(number: ProcessNumber, wanted: str, scene: Scene) -> Verdict:
    who, name = questions.process(scene.trace, number), scene.name(number)
    by = questions.ended_by(scene.trace, number)
    line = None
    if wanted == "shutdown" and isinstance(by, int):
        deed = _deed(number, by, scene)
        line = None if deed is None else deed.line
        why = say("That was done by the script's own code, not by its being over.")
        question = say("What would happen to {name} without that line?", name=name)
    elif wanted == "shutdown" and who.daemon:
        why = say(
            "A daemon is ended when main's own code is over. That came too late here: {name} had "
            "done its work before.",
            name=name,
        )
        question = say("What keeps main's code busy for so long?")
    elif wanted == "shutdown":
        why = say(
            "When main's own code is over, it waits for its ordinary children and ends its daemons."
        )
        question = say("Which of the two is {name} when it starts?", name=name)
    elif by == "shutdown":
        why = say(
            "A daemon is not waited for: as soon as main's own code is over, it is ended, wherever "
            "it is in its work."
        )
        question = say("Should {name} be such a process?", name=name)
    else:
        expected = (
            say("by itself") if wanted == "itself" else say("by {name}", name=_ender(wanted, scene))
        )
        why = say("The task asks that it ends {expected}.", expected=expected)
        question = say("Which line, in which process, is to end it?")
    return failed(
        say("{how}.", how=how_ended(number, scene)),
        why=why,
        next=question,
        line=line,
        about=[number],
    )


def _ender(wanted: str, scene: Scene) -> Text:
    return say("main") if wanted == MAIN_NAME else scene.names(scene.cast.of(wanted))


def _deed(number: ProcessNumber, by: ProcessNumber, scene: Scene) -> Signalled | None:
    return questions.first(
        scene.trace, Signalled, lambda event: event.target == number and event.by == by
    )


def _at_another_time(
    number: ProcessNumber, end: Ended, wanted: EndedHow, scene: Scene
) -> Verdict | None:
    for moment, should_be_earlier in ((wanted.before, True), (wanted.after, False)):
        if moment is None:
            continue
        verdict = _compare(number, end, moment, should_be_earlier, scene)
        if verdict is not None:
            return verdict
    return None


def _compare(
    number: ProcessNumber, end: Ended, moment: Moment, should_be_earlier: bool, scene: Scene
) -> Verdict | None:
    instant = find_moment(moment, scene)
    if isinstance(instant, Missing):
        return of_missing(instant, scene)
    if (scene.position(end) < instant.position) == should_be_earlier:
        return None
    times = {"time": seconds(end.at, [instant.at]), "other": seconds(instant.at, [end.at])}
    name = scene.subject(number)
    return failed(
        say(
            "{name} ended at {time}, after {moment} at {other}.",
            name=name,
            moment=instant.text,
            **times,
        )
        if should_be_earlier
        else say(
            "{name} ended at {time}, before {moment} at {other}.",
            name=name,
            moment=instant.text,
            **times,
        ),
        why=say("Nothing in the script ties the two together, so each comes when it comes."),
        next=say("What decides when {name} ends?", name=scene.name(number)),
        about=[number, instant.process],
    )
