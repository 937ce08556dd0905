"""The formats of marks: JSON and XML as course systems read them, tables that spreadsheets read."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from kernel.errors import UsageError
from teaching.formats.table import WRITERS
from teaching.marks import Marks, Measure, Part

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
