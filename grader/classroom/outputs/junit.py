"""The class as JUnit XML: a suite an answer, a case a check, for CI that shows test results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.checks import Status
from grader.classroom.batch.config import BatchConfig
from grader.classroom.model import CheckResult, ClassResults, Result
from grader.classroom.outputs import Output, OutputOptions
from grader.messages import Language
from grader.report.escaping import one_line as shown_in_one_line
from grader.report.escaping import visible as shown
from grader.saving import write_whole


def one_line(text: str) -> str:
    """As `grader.report.escaping` has it, with nothing that XML forbids."""
    return _allowed(shown_in_one_line(text))


def visible(text: str) -> str:
    """As `grader.report.escaping` has it, with nothing that XML forbids."""
    return _allowed(shown(text))


def _allowed(text: str) -> str:
    """Without the two characters that can be shown but never stand in XML."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def junit_xml(results: ClassResults, language: Language) -> str:
    """The document as text.

    A check that failed or was lucky is a failure, one that was skipped or is only advice is
    skipped, and what could not be judged is an error; but where the script's own word can never
    decide it, so that the mark stands without it, it is skipped.
    """
    root = Element("testsuites", name="grader")
    for result in results.results:
        root.append(_suite(result, language))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'


def _suite(result: Result, language: Language) -> Element:
    student = result.student
    who = student.name if student.name == student.id else f"{student.name} ({student.id})"
    name = one_line(f"{result.exercise}: {who}")
    suite = Element("testsuite", name=name, timestamp=result.graded_at.isoformat("T"))
    properties = SubElement(suite, "properties")
    for key, value in _properties(result):
        SubElement(properties, "property", name=key, value=one_line(value))
    class_name = f"{result.exercise}.{student.id}"
    has_mark = result.score is not None
    cases = [_case(check, class_name, language, has_mark=has_mark) for check in result.checks]
    if not cases:
        cases = [_not_graded(result, class_name, language)]
    suite.extend(cases)
    for kind in ("failure", "error", "skipped"):
        plural = {"failure": "failures", "error": "errors"}.get(kind, kind)
        suite.set(plural, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("tests", str(len(cases)))
    return suite


def _properties(result: Result) -> Iterator[tuple[str, str]]:
    yield "file", result.file
    yield "outcome", result.outcome
    yield "possible", f"{result.possible:g}"
    if result.mark is not None:
        yield "score", f"{result.mark:g}"
    if result.override is not None:
        yield "reason", result.override.reason


def _case(check: CheckResult, class_name: str, language: Language, *, has_mark: bool) -> Element:
    case = Element("testcase", classname=one_line(class_name), name=check.id)
    kind = _kind(check, has_mark=has_mark)
    if kind is not None:
        happened = check.happened or check.expected
        message = one_line(happened.in_language(language))
        failure = SubElement(case, kind, message=message, type=check.status.value)
        failure.text = visible("\n".join(text.in_language(language) for text in check.explanation))
    return case


def _kind(check: CheckResult, *, has_mark: bool) -> str | None:
    if check.status is Status.PASSED:
        return None
    if check.status is Status.INCONCLUSIVE:
        return "skipped" if has_mark else "error"
    if check.status is Status.SKIPPED or check.is_advice:
        return "skipped"
    return "failure"


def _not_graded(result: Result, class_name: str, language: Language) -> Element:
    case = Element("testcase", classname=one_line(class_name), name="graded")
    message = "" if result.note is None else one_line(result.note.in_language(language))
    SubElement(case, "error", message=message, type=result.outcome)
    return case


def _write(options: OutputOptions, results: ClassResults, config: BatchConfig) -> Sequence[Path]:
    if options.junit is None:
        return []
    write_whole(options.junit, junit_xml(results, config.language))
    return [options.junit]


OUTPUT = Output(2, _write)
