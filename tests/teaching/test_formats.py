"""The formats of marks: JSON and XML as course systems read them, tables that spreadsheets read.

The schemas in `tests/teaching/schemas` are written from the systems' documentation.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from kernel.errors import UsageError
from teaching.formats.table import WRITERS
from teaching.formats.text import text_of
from teaching.marks import Marks, Measure, Part
from tests.paths import SCHEMAS

GOOD = Marks(
    "李 Wei",
    "li.yaml",
    [Part("1. chart", Fraction(7, 3), 4, "not right: A\nB"), Part("2. mean", Fraction(2), 2)],
    diagnosis="The numbers are those of <first come> & \x00 more",
    seed=7,
    measures=[Measure("mean wait", 3.5, "asc", "ms")],
)
BAD = Marks(
    "=cmd|x",
    "b.yaml",
    [Part("1. chart", Fraction(0), 4)],
    problems=["b.yaml:1:2: wrong"],
    gradable=False,
)
FULL = Marks("wei", "w.yaml", [Part("1. chart", Fraction(4), 4)])
NOTHING = Marks("lin", "l.yaml", [], problems=["l.yaml: cannot be read"], gradable=False)
ALL = [GOOD, BAD, FULL, NOTHING]
JSON = {
    "gradescope": "gradescope-results",
    "prairielearn": "prairielearn-results",
    "classroom50": "classroom50-result",
}
"""The schema of each format that is JSON about one submission."""
ENVIRONMENT = {
    "CLASSROOM": "os-2026",
    "ASSIGNMENT": "rr",
    "OWNER": "li-wei",
    "SUBMISSION_TAG": "submit/2026-11-30-abc",
    "COMMIT_URL": "https://example.org/commit",
    "RELEASE_URL": "https://example.org/release",
}


def mistakes(text: str, schema: str) -> list[str]:
    """Return what is wrong with a JSON text by a schema of `tests/teaching/schemas`."""
    rules = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(rules)
    return [error.message for error in Draft202012Validator(rules).iter_errors(json.loads(text))]


@pytest.mark.parametrize("format", JSON)
@pytest.mark.parametrize("marks", ALL, ids=lambda marks: str(marks.who))
def test_json_is_as_the_systems_document_it(
    format: str, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert mistakes(WRITERS[format]([marks]), JSON[format]) == []


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ("gradescope-results", '{"tests": []}'),
        ("gradescope-results", '{"score": 1, "points": 2}'),
        ("prairielearn-results", '{"gradable": true}'),
        ("prairielearn-results", '{"gradable": false, "score": 1, "format_errors": ["x"]}'),
        ("prairielearn-question", '{"uuid": "1", "type": "v3", "title": "a", "topic": "b"}'),
        ("classroom50-result", '{"schema": "classroom50/result/v1"}'),
    ],
)
def test_a_schema_refuses_what_the_system_refuses(schema: str, text: str) -> None:
    assert mistakes(text, schema) != []


COUNTS = ("tests", "failures", "errors", "time")
ELEMENTS: dict[str, tuple[str, Sequence[str]]] = {
    "testsuites": ("(testsuite )*", ("name", *COUNTS)),
    "testsuite": ("(testcase )*(system-out )?(system-err )?", ("name", *COUNTS)),
    "testcase": ("(failure |error |skipped )?", ("name", "classname", "time")),
    "failure": ("", ("message",)),
    "error": ("", ("message",)),
    "system-out": ("", ()),
}
"""JUnit's elements, as `junit.xsd` has them: their children in order, their attributes."""


def test_junit_has_the_elements_and_attributes_of_its_schema() -> None:
    root = ET.fromstring(WRITERS["junit"](ALL))
    assert root.tag == "testsuites"
    for element in root.iter():
        children, attributes = ELEMENTS[element.tag]
        assert re.fullmatch(children, "".join(f"{child.tag} " for child in element)), element.tag
        assert sorted(element.keys()) == sorted(attributes)
        for name in set(COUNTS) & set(attributes):
            assert re.fullmatch(r"[0-9]+", element.get(name, ""))


def test_csv_is_read_by_the_standard_reader_and_has_no_formulas() -> None:
    rows = list(csv.DictReader(io.StringIO(WRITERS["csv"]([GOOD, BAD]))))
    assert [row["points"] for row in rows] == ["4.33", ""]
    assert rows[1]["student"] == "'=cmd|x" and rows[0]["mean wait"] == "3.5"


def test_json_has_all() -> None:
    document = json.loads(WRITERS["json"]([GOOD, BAD]))
    assert [each["gradable"] for each in document["answers"]] == [True, False]
    assert document["answers"][0]["parts"][0]["feedback"] == "not right: A\nB"


def test_junit_counts_what_it_has() -> None:
    root = ET.fromstring(WRITERS["junit"]([GOOD, BAD]))
    cases, failures = root.iter("testcase"), list(root.iter("failure"))
    assert int(root.get("tests", "")) == len(list(cases)) == 4
    assert int(root.get("failures", "")) == len(failures) == 2
    assert int(root.get("errors", "")) == len(list(root.iter("error"))) == 1
    for suite in root.iter("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert {"name", "tests", "failures", "errors", "time"} <= set(suite.keys())


def test_gradescope_has_what_its_documentation_names() -> None:
    document = json.loads(WRITERS["gradescope"]([GOOD]))
    assert document["score"] == 4.33
    assert all(test["status"] in ("passed", "failed") for test in document["tests"])
    assert all(0 <= test["score"] <= test["max_score"] for test in document["tests"])
    assert document["leaderboard"] == [{"name": "mean wait", "value": 3.5, "order": "asc"}]
    known = {"score", "execution_time", "output", "output_format", "test_output_format"}
    known |= {
        "test_name_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
        "leaderboard",
    }
    assert set(document) <= known


def test_prairielearn_is_not_gradable_and_has_no_score_if_it_cannot_be_read() -> None:
    good = json.loads(WRITERS["prairielearn"]([GOOD]))
    assert good["gradable"] is True and 0 <= good["score"] <= 1
    bad = json.loads(WRITERS["prairielearn"]([BAD]))
    assert bad["gradable"] is False and bad["format_errors"] and "score" not in bad


def test_classroom50_has_whole_scores_and_no_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM", "os-2026")
    document = json.loads(WRITERS["classroom50"]([GOOD]))
    assert set(document) == {
        *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit"),
        *("release", "review", "datetime", "score", "max-score", "tests"),
    }
    assert document["schema"] == "classroom50/result/v1" and document["classroom"] == "os-2026"
    assert document["score"] == sum(test["score"] for test in document["tests"]) == 4
    assert all(isinstance(test["score"], int) for test in document["tests"])


@pytest.mark.parametrize("name", ["gradescope", "prairielearn", "classroom50"])
def test_formats_of_one_submission_refuse_several(name: str) -> None:
    with pytest.raises(UsageError, match=r"is about one answer \(got 2\)"):
        WRITERS[name]([GOOD, BAD])


def test_text_says_what_is_most_common() -> None:
    text = WRITERS["text"]([GOOD, GOOD, BAD])
    assert "3 answers, 2 gradable" in text and "2 x The numbers are those of" in text


@pytest.mark.parametrize("words", ["a word " * 40, "\u7b54\u6848" * 60])
def test_no_line_of_the_feedback_is_wider_than_a_terminal(words: str) -> None:
    part = Part("1. Gantt chart", Fraction(0), 4, f"not right: {words}\n{words}")
    text = text_of([Marks("Li", "Li.yaml", [part], words, contradiction=words)] * 2)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "\n      not right:" in text and "\n        " in text
