"""GIFT: a question for each answer, as this format knows no question with several.

https://docs.moodle.org/en/GIFT_format. Charts are inside the text, as data.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from html import escape

from report.base.chart import Chart, span_of
from teaching.exports.fields import CHOICE, NUMBER, RIGHT_WORDS, Field, fields, given, words_of
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Code, Heading, Picture
from teaching.sheet.chart_svg import chart_svg
from teaching.sheet.html import fragment
from translation import tr, tr_text

_SPECIAL = re.compile(r"([~=#{}:\\])")


def gift(variants: Sequence[Posed]) -> str:
    """Return the questions of all variants."""
    title = " ".join(tr_text(variants[0].file.title).replace("/", "//").split())
    parts = [f"$CATEGORY: $course$/top/{title}"]
    for at, posed in enumerate(variants, 1):
        parts += _questions(posed, at)
    return "\n\n".join(parts) + "\n"


def _questions(posed: Posed, variant: int) -> Iterator[str]:
    above = "".join(map(_block, given(posed)))
    words = {asked.number: words_of(posed, asked) for asked in posed.asked}
    for field in fields(posed):
        name = tr(
            "{title}, variant {variant}, {number}",
            title=tr_text(posed.file.title),
            variant=variant,
            number=field.number,
        )
        name += f": {field.label}" if field.label else ""
        asked = escape(words[field.number], quote=False)
        what = " ".join(filter(None, [field.label, f"({field.how or field.unit})"]))
        only = f" <b>{escape(what, quote=False)}</b>" if field.label or field.how else ""
        text = _one_line(f"{above}<p>{asked}{only}</p>")
        yield f"::{_plain(name)}::[html]{_escaped(text)}{{{_answers(field)}}}"


def _block(block: Block) -> str:
    if isinstance(block, Heading) and block.level == 1:
        return ""
    if isinstance(block, Picture):
        span = span_of(block.run)
        svg = chart_svg(Chart(block.run), span, states=block.states) if span else ""
        data = base64.b64encode(svg.encode()).decode()
        name = tr("chart")
        return f'<p><img src="data:image/svg+xml;base64,{data}" alt="{name}"></p>'
    if isinstance(block, Code):
        lines = (line.replace(" ", "\N{NO-BREAK SPACE}") for line in block.text.splitlines())
        return f"<pre>{'<br>'.join(escape(line, quote=False) for line in lines)}</pre>"
    return fragment(block)


def _answers(field: Field) -> str:
    if field.kind == CHOICE:
        rows = [(each.right, each.text, each.feedback) for each in field.alternatives]
        return "".join(
            f"\n{'=' if right else '~'}{_plain(text)}#{_plain(said)}" for right, text, said in rows
        )
    number = field.kind == NUMBER
    off = f":{field.tolerance}" if number else ""
    lines = [f"={_plain(text)}{off}#{_plain(tr(RIGHT_WORDS))}" for text in field.accepted]
    lines += [f"=%0%{_plain(each.text)}{off}#{_plain(each.feedback)}" for each in field.wrong]
    return ("#" if number else "") + "".join(f"\n{line}" for line in lines)


def _plain(text: str) -> str:
    return _escaped(escape(_one_line(text), quote=False))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _one_line(text: str) -> str:
    """Return the text without line breaks: an empty line would end the question."""
    return re.sub("[ \t\r\n]+", " ", text).strip()
