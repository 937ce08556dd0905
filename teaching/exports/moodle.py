"""Moodle XML: a category with one question for each variant, in which each answer has a field.

The type is Cloze (embedded answers), the only one of Moodle that has several answers of different
kinds in one question. A wrong answer of a known misconception earns nothing and carries feedback.
https://docs.moodle.org/en/Embedded_Answers_(Cloze)_question_type
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from math import lcm
from xml.etree import ElementTree as ET

from report.base.chart import Chart, span_of
from teaching.exports.fields import (
    CHOICE,
    NUMBER,
    RIGHT_WORDS,
    Field,
    fields,
    given,
    words_of,
)
from teaching.marks import number
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Heading, Picture
from teaching.sheet.chart_svg import chart_svg
from teaching.sheet.content import solution
from teaching.sheet.html import fragment
from translation import tr, tr_text

_SPECIAL = re.compile(r"([}#~/\"\\])")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def moodle(variants: Sequence[Posed]) -> str:
    """Return the variants as one document."""
    quiz = ET.Element("quiz")
    category = ET.SubElement(quiz, "question", type="category")
    title = tr_text(variants[0].file.title).replace("/", "//")  # a single one begins a category
    _text(ET.SubElement(category, "category"), f"$course$/top/{title}")
    for at, posed in enumerate(variants, 1):
        quiz.append(_question(posed, at))
    ET.indent(quiz)
    return ET.tostring(quiz, encoding="unicode", xml_declaration=True) + "\n"


def _question(posed: Posed, at: int) -> ET.Element:
    question = ET.Element("question", type="cloze")
    _text(
        ET.SubElement(question, "name"),
        tr("{title}, variant {variant}", title=tr_text(posed.file.title), variant=at),
    )
    answers = fields(posed)
    scale = lcm(*(field.points.denominator for field in answers))
    body = _body(given(posed), "given")
    body.html += "".join(_asked(posed, answers, scale))
    _html(ET.SubElement(question, "questiontext", format="html"), body)
    worked = _body([b for b in solution(posed, None) if b not in given(posed)], "solution")
    _html(ET.SubElement(question, "generalfeedback", format="html"), worked)
    points = sum((field.points for field in answers), Fraction(0))
    for name, value in (
        ("defaultgrade", number(points)),
        ("penalty", "0.3333333"),
        ("hidden", "0"),
    ):
        ET.SubElement(question, name).text = value
    return question


class _Body:
    """HTML, and the files that it shows."""

    def __init__(self) -> None:
        self.html = ""
        self.files: dict[str, str] = {}


def _body(blocks: Sequence[Block], name: str) -> _Body:
    body = _Body()
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            continue  # the question has a name
        if isinstance(block, Picture):
            span = span_of(block.run)
            if span:
                file = f"{name}-{len(body.files) + 1}.svg"
                body.files[file] = chart_svg(Chart(block.run), span, states=block.states)
                alt = tr("chart")
                body.html += f'<p><img src="@@PLUGINFILE@@/{file}" alt="{alt}"></p>'
        else:
            body.html += fragment(block)
    return body


def _asked(posed: Posed, answers: Sequence[Field], scale: int) -> Iterator[str]:
    for asked in posed.asked:
        yield f"<p><b>{asked.number}.</b> {escape(words_of(posed, asked), quote=False)}</p><p>"
        mine = [field for field in answers if field.number == asked.number]
        yield "<br>".join(f"{_label(field)} {_cloze(field, scale)}" for field in mine)
        yield "</p>"


def _label(field: Field) -> str:
    how = f" ({field.how})" if field.how else f" ({field.unit})" if field.unit else ""
    return escape(f"{field.label}{how}:" if field.label or how else "", quote=False)


def _cloze(field: Field, scale: int) -> str:
    """Return the embedded answer. Its weight is a whole number."""
    weight = int(field.points * scale)
    if field.kind == CHOICE:
        parts = [
            f"{'=' if each.right else ''}{_plain(each.text)}#{_plain(each.feedback)}"
            for each in field.alternatives
        ]
        return f"{{{weight}:MULTICHOICE_V:{'~'.join(parts)}}}"
    tolerance = f":{field.tolerance}" if field.kind == NUMBER else ""
    parts = [f"={_plain(text)}{tolerance}#{_plain(tr(RIGHT_WORDS))}" for text in field.accepted]
    parts += [f"%0%{_plain(each.text)}{tolerance}#{_plain(each.feedback)}" for each in field.wrong]
    kind = "NUMERICAL" if field.kind == NUMBER else "SHORTANSWER"
    return f"{{{weight}:{kind}:{'~'.join(parts)}}}"


def _plain(text: str) -> str:
    """Return text as an answer or a feedback may have it."""
    return _SPECIAL.sub(r"\\\1", escape(" ".join(text.split()), quote=False))


def _text(parent: ET.Element, text: str) -> None:
    ET.SubElement(parent, "text").text = _NOT_XML.sub(" ", text)


def _html(parent: ET.Element, body: _Body) -> None:
    _text(parent, body.html)
    for name, svg in body.files.items():
        file = ET.SubElement(parent, "file", name=name, path="/", encoding="base64")
        file.text = base64.b64encode(svg.encode()).decode()
