"""One root cause, one failed finding: which failed checks follow from which.

Failed checks that one mistake explains form a group. One of them reports the mistake, the others
are skipped. A check is also skipped when one that it needs did not pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.checks.context import JudgeContext
from grader.checks.finding import Status
from grader.checks.mistakes import Recognised, recognise
from grader.checks.relations.dialogue import stuck_at_another_text
from grader.checks.verdict import Verdict
from grader.exercise import Check, Prints


@dataclass(frozen=True)
class Cause:
    """What is to blame for a check that does not pass: the check that reports it (it may be the
    check itself), and the mistake if one was recognised. ``inconclusive``: nothing is to blame,
    that check could not be judged.
    """

    check: str
    mistake: Recognised | None = None
    inconclusive: bool = False


@dataclass
class _Group:
    """Failed checks with one cause."""

    checks: list[Check] = field(default_factory=list)
    mistake: Recognised | None = None

    line: Check | None = None
    """It asks for the line that never came, which they have in common."""
    stuck: bool = False
    """A dialogue that did not go on is what they have in common."""

    def rank(self, check: Check) -> tuple[int, bool]:
        """How well a check reports the cause: the lower, the better."""
        if self.mistake is not None:
            return self.mistake.rank(check)
        if self.line is not None and not self.stuck:
            return int(check is not self.line), False
        return int(check.relation != ("dialogue" if self.stuck else "count")), False


def find_causes(context: JudgeContext, verdicts: Mapping[str, Verdict]) -> Mapping[str, Cause]:
    """The cause of every check that does not pass, by its id."""
    checks = {check.id: check for check in context.exercise.checks}
    failed = [check for check in checks.values() if verdicts[check.id].status is Status.FAILED]
    groups = _groups(failed, verdicts, recognise(context) if failed else (), context)
    needs = _Needs(checks, verdicts)
    causes: dict[str, Cause] = {}
    for group in groups:
        reporting = needs.reporting_check(group)
        if reporting is not None:
            for check in group.checks:
                causes[check.id] = Cause(reporting.id, group.mistake)
    for check in checks.values():
        needs.follow(check, causes)
    return causes


def _groups(
    failed: Sequence[Check],
    verdicts: Mapping[str, Verdict],
    mistakes: Sequence[Recognised],
    context: JudgeContext,
) -> Sequence[_Group]:
    """Failed checks with the same mistake, else the same shared cause, belong together. Where a
    dialogue is stuck at a step, whatever else did not happen is a consequence of that, and a line
    that never came is the matter of the check that asks for it; no
    mistake explains it better where the program waits for what would have been typed after it.
    """
    stuck_at, waits_in_vain = context.trace.unmet, stuck_at_another_text(context)
    groups: dict[object, _Group] = {}
    asking = {
        check.parameters.text: check
        for check in reversed(failed)
        if isinstance(check.parameters, Prints)
    }
    for check in failed:
        line = verdicts[check.id].awaited_line
        blamed = check if line is None else asking.get(line, check)
        verdict = verdicts[blamed.id]
        found = next((each for each in mistakes if each.explains(blamed, verdict)), None)
        key: object = verdict.shared_cause or ("check", blamed.id)
        stuck = stuck_at is not None and verdict.missing and (found is None or waits_in_vain)
        if stuck:
            key = f"dialogue:{stuck_at}"
            found = None
        if found is not None:
            key = id(found)
        group = groups.setdefault(key, _Group())
        group.checks.append(check)
        group.stuck = stuck
        group.line = group.line if blamed is check else blamed
        if found is not None:
            group.mistake = found
    return tuple(groups.values())


class _Needs:
    """Which checks may report something, given what they need."""

    def __init__(self, checks: Mapping[str, Check], verdicts: Mapping[str, Verdict]) -> None:
        self._checks = checks
        self._verdicts = verdicts

    def reporting_check(self, group: _Group) -> Check | None:
        """The check that reports the cause of a group: one that needs nothing that failed for
        another reason, and the best of these.
        """
        able = [check for check in group.checks if self._may_report(check, group, frozenset())]
        if group.stuck:  # what a step of the dialogue needs, and was not there, comes before it
            able = [
                check for check in able if not any(each.id in check.needs for each in group.checks)
            ]
        return min(able, key=group.rank, default=None)

    def _may_report(self, check: Check, group: _Group, seen: frozenset[str]) -> bool:
        for need in check.needs:
            if need in seen or self._passes(need, seen):
                continue
            needed = self._checks[need]
            if all(needed is not each for each in group.checks) or not self._may_report(
                needed, group, seen | {need}
            ):
                return False
        return True

    def _passes(self, check_id: str, seen: frozenset[str]) -> bool:
        if self._verdicts[check_id].out_of_reach:
            return True
        if self._verdicts[check_id].status is not Status.PASSED:
            return False
        seen = seen | {check_id}
        return all(
            need in seen or self._passes(need, seen) for need in self._checks[check_id].needs
        )

    def follow(self, check: Check, causes: dict[str, Cause]) -> None:
        """Find the cause of a check that needs another which does not pass."""
        if check.id in causes:
            return
        if self._verdicts[check.id].status is Status.INCONCLUSIVE:
            causes[check.id] = Cause(check.id, inconclusive=True)
            return
        for need in check.needs:
            self.follow(self._checks[need], causes)
            if need in causes and not self._verdicts[need].out_of_reach:
                causes[check.id] = causes[need]
                return
