"""The documents about the language: generated from it, up to date, and with working examples."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from docs.language import DOCUMENT, MARK, main, with_reference
from grader.authoring.schema import SCHEMA, exercise_schema, schema_text
from grader.exercise import RELATIONS, Exercise, ExerciseError, load_exercise
from grader.exercise.base import Model
from grader.exercise.fields import model_in
from tests.exercise.writing import HEAD, load

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT_TEXT = (DOCS / DOCUMENT).read_text("utf-8")
YAML_BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCUMENT_TEXT, re.S)
ONE_CHECK = "checks:\n  - {id: b, expect: e, clean: true}\n"


def test_both_documents_are_up_to_date() -> None:
    """`python docs/language.py` would change nothing."""
    assert with_reference(DOCUMENT_TEXT) == DOCUMENT_TEXT
    assert (DOCS / SCHEMA).read_text("utf-8") == schema_text()


def test_the_documents_are_written_anew_below_the_mark(tmp_path: Path) -> None:
    """The command replaces what is generated and leaves the introduction alone."""
    (tmp_path / DOCUMENT).write_text(f"# By hand\n\n{MARK}\n\nold", "utf-8")
    main(tmp_path)
    written = (tmp_path / DOCUMENT).read_text("utf-8")
    assert written.startswith(f"# By hand\n\n{MARK}\n\n## An exercise\n")
    assert "old" not in written.splitlines()
    assert json.loads((tmp_path / SCHEMA).read_text("utf-8")) == json.loads(schema_text())


def test_a_document_without_the_mark_is_refused() -> None:
    """What stands in the document would be lost, so nothing is written."""
    with pytest.raises(ValueError, match="the document has no line '<!-- Below this line"):
        with_reference("# By hand\n")


@pytest.mark.parametrize("block", YAML_BLOCKS)
def test_every_example_in_the_document_loads(block: str) -> None:
    """A whole exercise loads as it is; a part of one loads in an exercise around it."""
    if not block.startswith("id:"):
        block = HEAD + block + ("" if "checks:" in block else ONE_CHECK)
    assert load(block).checks


def test_there_is_an_example_for_every_relation() -> None:
    """Each example uses the relation that it stands under."""
    for key, relation in RELATIONS.items():
        checks = load(HEAD + relation.SAMPLE).checks
        assert {type(check.parameters) for check in checks} == {relation}
        assert {check.relation for check in checks} == {key}


@pytest.mark.parametrize("model", ["Exercise", *sorted(exercise_schema()["$defs"])])
def test_the_way_in_which_a_mapping_is_written_is_right(model: str) -> None:
    """Errors and reference show an example of every mapping, which has no unknown keys."""
    found = _models()[model]
    keys = re.findall(r"(?:^\{|, )([a-z-]+):", re.sub(r"(?<=.)\{[^{}]*\}", "x", found.EXAMPLE))
    assert keys
    assert set(keys) <= set(found.fields_by_key())
    assert found.broken_rules(keys) == []


def test_the_mistakes_in_the_introduction_are_told_as_it_shows(tmp_path: Path) -> None:
    """The sample of an error message is what the loader really says."""
    (shown,) = re.findall(r"```text\n(.*?)```", DOCUMENT_TEXT, re.S)
    file = tmp_path / "greet.yaml"
    file.write_text(
        "id: greet\ntitle: t\ntask: t\ncast:\n  child: {children-of: main, count: 1}\nchecks:\n"
        "  - id: greets\n    print: {text: 'hello *', by: chidl}\n    expect: e\n"
        "  - id: number\n    expect: e\n    prints: {text: 'hello {pid}', by: chidl}\n"
    )
    with pytest.raises(ExerciseError) as caught:
        load_exercise(file)
    assert str(caught.value).replace(str(file), "greet.yaml") == shown.rstrip("\n")


def test_the_schema_has_the_keys_of_the_language() -> None:
    """Every mapping of the language is in the schema, with its keys and those it must have."""
    schema = exercise_schema()
    for model_name, model in _models().items():
        described = schema if model is Exercise else schema["$defs"][model_name]
        assert list(described["properties"]) == list(model.fields_by_key())
        assert described["additionalProperties"] is False
        assert all(one["description"] for one in described["properties"].values())
        required = [key for key, field in model.fields_by_key().items() if field.is_required()]
        assert described.get("required", []) == required


def test_the_schema_says_which_keys_go_together() -> None:
    """A check has exactly one relation, and contradictions are contradictions in an editor too."""
    definitions = exercise_schema()["$defs"]
    (one_relation,) = definitions["Check"]["allOf"]
    relations = [key["required"] for key in one_relation["oneOf"]]
    assert relations[0] == ["prints"]
    assert len(relations) == len(RELATIONS)
    assert definitions["Prints"]["allOf"] == [
        {
            "not": {
                "anyOf": [
                    {"required": list(two)}
                    for two in combinations(["times", "never", "line", "each-of", "about"], 2)
                ]
            }
        },
        {"not": {"anyOf": [{"required": ["never", "each"]}]}},
        {"not": {"anyOf": [{"required": ["about", "each"]}]}},
        {"not": {"anyOf": [{"required": ["only", "never"]}]}},
        {"dependentSchemas": {"distinct": {"anyOf": [{"required": ["each"]}]}}},
        {"dependentSchemas": {"in-order": {"anyOf": [{"required": ["each-of"]}]}}},
    ]
    assert definitions["Moment"]["allOf"][1] == {
        "dependentSchemas": {
            "by": {
                "anyOf": [
                    {"required": ["prints"]},
                    {"required": ["waits-for"]},
                    {"required": ["listens"]},
                    {"required": ["last-call"]},
                ]
            }
        }
    }


def test_the_schema_has_the_bounds_of_numbers() -> None:
    """Numbers, quantities and lists carry what JSON Schema can say about them."""
    definitions = exercise_schema()["$defs"]
    exit_status = definitions["EndedHow"]["properties"]["exit"]
    assert (exit_status["type"], exit_status["minimum"], exit_status["maximum"]) == (
        "integer",
        0,
        255,
    )
    assert definitions["Cast"]["properties"]["count"]["minimum"] == 1
    assert definitions["Check"]["properties"]["points"]["minimum"] == 0
    duration = definitions["Limits"]["properties"]["time"]
    assert re.fullmatch(duration["pattern"], "1.5s")
    assert not re.fullmatch(duration["pattern"], "60")
    assert exercise_schema()["properties"]["checks"]["minItems"] == 1


def _models() -> dict[str, type[Model]]:
    """All models that an exercise is made of, by name."""
    found: dict[str, type[Model]] = {}
    waiting: list[type[Model]] = [Exercise]
    while waiting:
        model = waiting.pop()
        found[model.__name__] = model
        inner = [model_in(field.annotation) for field in model.fields_by_key().values()]
        waiting += [one for one in inner if one is not None and one.__name__ not in found]
    return found
