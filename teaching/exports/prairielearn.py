"""A question folder for PrairieLearn: `info.json`, `question.html`, `server.py`, the variants.

The numbers are computed here, once; the folder needs nothing but Python's own modules. A student
gets the variant that the seed of PrairieLearn's variant picks. What is true of a variant lies on
the server, in `variants.json`. https://docs.prairielearn.com/question/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from math import lcm
from pathlib import Path
from typing import Any

from teaching.exports.fields import CHOICE, NUMBER, TEXT, Field, fields, given, words_of
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Heading
from teaching.sheet.content import solution
from teaching.sheet.html import fragment
from translation import tr_text

_SPACE = uuid.UUID("5d3f5c2e-58a4-4f0c-9b0e-0a3a4a6d2b11")  # any; names in it stay the same
_FOLDER = Path(__file__).parent / "prairielearn_question"
TEMPLATES = ("question.html", "server.py")


def prairielearn(variants: Sequence[Posed]) -> dict[str, str]:
    """Return the text of each file of the folder, by its name."""
    file = variants[0].file
    info = {
        "uuid": str(uuid.uuid5(_SPACE, f"{file.title} {file.text}")),
        "title": tr_text(file.title),
        "topic": "Operating systems",
        "tags": ["multiprog"],
        "type": "v3",
    }
    texts = {name: (_FOLDER / name).read_text(encoding="utf-8") for name in TEMPLATES}
    return {
        "info.json": json.dumps(info, ensure_ascii=False, indent=2) + "\n",
        **texts,
        "variants.json": json.dumps([_variant(each) for each in variants], ensure_ascii=False),
    }


def _variant(posed: Posed) -> dict[str, Any]:
    answers = fields(posed)
    scale = lcm(*(field.points.denominator for field in answers))
    above = given(posed)
    questions = [
        {
            "number": asked.number,
            "words": words_of(posed, asked),
            "fields": [_field(each, scale) for each in answers if each.number == asked.number],
        }
        for asked in posed.asked
    ]
    return {
        "params": {
            "given": _html(above),
            "solution": _html([block for block in solution(posed, None) if block not in above]),
            "questions": questions,
        },
        "answers": {each.name: _right(each) for each in answers if each.kind != CHOICE},
        "judged": {each.name: _judged(each) for each in answers if each.kind != CHOICE},
    }


def _html(blocks: Sequence[Block]) -> str:
    return "\n".join(
        fragment(block) for block in blocks if not (isinstance(block, Heading) and block.level == 1)
    )


def _field(field: Field, scale: int) -> Mapping[str, Any]:
    """Return what the template shows of a field; nothing of the answer."""
    return {
        "name": field.name,
        "label": field.label,
        "unit": field.unit,
        "how": field.how,
        "tolerance": field.tolerance,
        "weight": int(field.points * scale),
        "is_number": field.kind == NUMBER,
        "is_text": field.kind == TEXT,
        "is_choice": field.kind == CHOICE,
        "alternatives": [
            {"text": a.text, "right": "true" if a.right else "false", "feedback": a.feedback}
            for a in field.alternatives
        ],
    }


def _right(field: Field) -> float | str:
    return float(field.accepted[0]) if field.kind == NUMBER else field.accepted[0]


def _judged(field: Field) -> dict[str, Any]:
    return {
        "number": field.kind == NUMBER,
        "tolerance": float(field.tolerance),
        "accepted": list(field.accepted),
        "wrong": [[each.text, each.feedback] for each in field.wrong],
    }
