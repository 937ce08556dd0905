"""Hold what is written for course systems against checkers that others have written.

python -m benchmarks.formats --checkers FOLDER [--variants 3] [FILE...]

Of each exercise: the questions for Moodle are read by moodle-xml-parser, those in GIFT by
gift-pegjs, and both must find the right answers. The marks of right, wrong, empty and damaged
answers are held against `junit.xsd` by xmlschema, and against the JSON schemas by jsonschema.
FOLDER is a virtual environment that has them (see the target `formats`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import site
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jsonschema import Draft202012Validator

from language.answers import parse_answer
from language.exercises import read_exercise
from teaching.answer_files import answer_key, answers, template
from teaching.exports.fields import CHOICE, NUMBER, Field, fields
from teaching.exports.gift import gift
from teaching.exports.moodle import moodle
from teaching.exports.prairielearn import prairielearn
from teaching.formats.table import WRITERS
from teaching.grading import Grader
from teaching.marks import Marks
from teaching.posed import Posed
from teaching.variants import pose
from teaching.yaml_text import block

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "scenarios" / "exercises"
SCHEMAS = ROOT / "tests" / "teaching" / "schemas"
JSON = {
    "gradescope": "gradescope-results",
    "prairielearn": "prairielearn-results",
    "classroom50": "classroom50-result",
}
ENVIRONMENT = {
    "CLASSROOM": "os",
    "ASSIGNMENT": "rr",
    "OWNER": "li-wei",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://example.org/commit",
    "RELEASE_URL": "https://example.org/release",
}
READ_GIFT = """
const text = require("fs").readFileSync(0, "utf8");
console.log(JSON.stringify(require("gift-pegjs").parse(text)));
"""
Mistakes = Iterator[str]


def main() -> int:
    """Check the exercises that are named, or all. Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--checkers", type=Path, required=True)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--variants", type=int, default=3)
    asked = parser.parse_args()
    for folder in asked.checkers.glob("lib/python*/site-packages"):
        site.addsitedir(str(folder))
    os.environ.update(ENVIRONMENT)
    checks = Checks(asked.checkers)
    for path in asked.files or sorted(FOLDER.glob("*.yaml")):
        exercise = read_exercise(path)
        checks.exercise([pose(exercise, seed) for seed in range(1, asked.variants + 1)])
    for kind, many in checks.seen.items():
        print(f"{kind}: {many:,}")
    for mistake in checks.mistakes[:20]:
        print(mistake)
    print(f"{len(checks.mistakes)} mistakes")
    return int(bool(checks.mistakes))


class Checks:
    """What was seen of each kind, and what was wrong."""

    def __init__(self, checkers: Path) -> None:
        import xmlschema

        self._checkers = checkers
        self._junit = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
        self.seen: Counter[str] = Counter()
        self.mistakes: list[str] = []

    def exercise(self, variants: Sequence[Posed]) -> None:
        """Check all that is written of the variants of an exercise."""
        self._note(variants[0], "Moodle", self._moodle(variants))
        self._note(variants[0], "GIFT", self._gift(variants))
        info = prairielearn(variants)["info.json"]
        self._note(
            variants[0], "PrairieLearn's question", self._json("prairielearn-question", info)
        )
        for posed in variants:
            marks = list(_marks(posed))
            self._note(posed, "JUnit", self._xml(WRITERS["junit"](marks)))
            for each in marks:
                for format, schema in JSON.items():
                    self._note(posed, format, self._json(schema, WRITERS[format]([each])))

    def _note(self, posed: Posed, kind: str, found: Mistakes) -> None:
        self.mistakes += [f"{posed.file.file}, variant {posed.seed}, {kind}: {e}" for e in found]

    def _json(self, schema: str, text: str) -> Mistakes:
        self.seen[f"documents by {schema}.schema.json"] += 1
        rules = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
        yield from (e.message for e in Draft202012Validator(rules).iter_errors(json.loads(text)))

    def _xml(self, text: str) -> Mistakes:
        self.seen["documents by junit.xsd"] += 1
        yield from (str(error.reason) for error in self._junit.iter_errors(text))

    def _moodle(self, variants: Sequence[Posed]) -> Mistakes:
        from moodle_xml_parser.parser import parse_string

        questions = parse_string(moodle(variants))["cloze"]
        if len(questions) != len(variants):
            yield f"{len(questions)} questions for {len(variants)} variants"
        for posed, question in zip(variants, questions, strict=False):
            gaps = [gap for gap in question.gaps if gap.sub_type in ("NUMERICAL", "SHORTANSWER")]
            mine = [field for field in fields(posed) if field.kind != CHOICE]
            if len(gaps) != len(mine):
                yield f"{len(gaps)} answers are found for {len(mine)}"
            for gap, field in zip(gaps, mine, strict=False):
                self.seen["answers of Moodle's questions"] += 1
                found = [each.answer for each in gap.options if each.score == 100]
                yield from _differ(field, [_plain(text, field) for text in found])

    def _gift(self, variants: Sequence[Posed]) -> Mistakes:
        done = subprocess.run(
            ["node", "-e", READ_GIFT],
            check=False,
            input=gift(variants),
            text=True,
            capture_output=True,
            cwd=self._checkers,
        )
        if done.returncode:
            yield " ".join(done.stderr.split())[-300:]
            return
        category, *questions = json.loads(done.stdout)
        mine = [field for posed in variants for field in fields(posed)]
        if category["type"] != "Category" or len(questions) != len(mine):
            yield f"{len(questions)} questions for {len(mine)}"
        for question, field in zip(questions, mine, strict=False):
            self.seen["questions in GIFT"] += 1
            yield from _differ(field, [_given(c, field) for c in _right(question)])


def _right(question: Any) -> list[Any]:
    """Return the choices of a question of gift-pegjs that earn all points."""
    return [each for each in question["choices"] if each["isCorrect"] and each["weight"] != 0]


def _given(choice: Any, field: Field) -> str:
    text = choice["text"]
    if field.kind != NUMBER:
        return unescape(str(text["text"]))
    return f"{float(text['number']):g}±{float(text.get('range') or 0):g}"


def _plain(text: str, field: Field) -> str:
    """Return an answer of a Cloze question without its escapes; a number with its tolerance."""
    if field.kind == NUMBER:
        number, _, off = text.rpartition(":")
        return f"{float(number):g}±{float(off):g}"
    return unescape(re.sub(r"\\(.)", r"\1", text))


def _differ(field: Field, found: Sequence[str]) -> Mistakes:
    if field.kind == NUMBER:
        wanted = [f"{float(text):g}±{float(field.tolerance):g}" for text in field.accepted]
    elif field.kind == CHOICE:
        wanted = [" ".join(each.text.split()) for each in field.alternatives if each.right]
    else:
        wanted = [" ".join(text.split()) for text in field.accepted]
    if list(found) != wanted:
        yield f"{field.name}: {found} is read where {wanted} is right"


def _marks(posed: Posed) -> Iterator[Marks]:
    """Yield the marks of the key, of the empty template, of a misconception, of a damaged key."""
    grader, key = Grader(posed), answer_key(posed, None)
    wrong = [block(answers(posed, outcome)) for outcome in posed.outcomes.values()][:1]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answer.yaml"
        for text in (key, template(posed, None), *wrong, key[: len(key) // 2] + "[", "[1"):
            path.write_text(text, encoding="utf-8")
            yield grader.marks(parse_answer(path), "li wei & <b>")


if __name__ == "__main__":
    sys.exit(main())
