"""A sheet as one HTML file, which needs nothing else and can be printed."""

from __future__ import annotations

from collections.abc import Iterable

from report.base.chart import Chart, span_of
from report.base.html import text
from teaching.sheet.blocks import Block, Code, Facts, Heading, Items, Paragraph, Picture, Table
from teaching.sheet.chart_svg import chart_svg
from translation import chosen, tr

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto;
  padding: 0 1rem; color: #111; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 1.6rem }
table { border-collapse: collapse }
th, td { padding: .15rem .7rem; text-align: right; border-bottom: 1px solid #ccc }
th.left, td.left { text-align: left }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem }
dt { font-weight: 600 } dd { margin: 0 } .wide { overflow-x: auto }
pre { background: #f4f4f4; padding: .7rem; overflow: auto }
@media (prefers-color-scheme: dark) {
  body { color: #eee; background: #161616 } pre { background: #222 }
  th, td { border-color: #444 } }
@media print { body { color: #000; background: #fff; margin: 0 } }
"""


def html(blocks: Iterable[Block]) -> str:
    """Return the blocks as a whole HTML document."""
    kept = list(blocks)
    title = next((block.text for block in kept if isinstance(block, Heading)), tr("Exercise"))
    body = "\n".join(map(fragment, kept))
    return (
        f'<!doctype html>\n<html lang="{chosen().replace("_", "-")}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def fragment(block: Block) -> str:
    """Return one block as HTML."""
    match block:
        case Heading():
            drawn = f"<h{block.level}>{text(block.text)}</h{block.level}>"
        case Paragraph():
            drawn = f"<p>{text(block.text)}</p>"
        case Facts():
            rows = (f"<dt>{text(a)}</dt><dd>{text(b)}</dd>" for a, b in block.facts)
            drawn = f"<dl>{''.join(rows)}</dl>"
        case Table():
            drawn = _table(block)
        case Items():
            items = (f"<li>{text(words)}</li>" for _, words in block.items)
            drawn = f'<ol type="a">{"".join(items)}</ol>'
        case Code():
            drawn = f'<pre tabindex="0">{text(block.text)}</pre>'
        case Picture():
            drawn = _picture(block)
    return drawn


def _picture(block: Picture) -> str:
    span = span_of(block.run)
    if not span:
        return ""
    return f'<div class="wide">{chart_svg(Chart(block.run), span, states=block.states)}</div>'


def _table(table: Table) -> str:
    head = "".join(_cell("th", at, words, table) for at, words in enumerate(table.headings))
    rows = "".join(
        f"<tr>{''.join(_cell('td', at, words, table) for at, words in enumerate(row))}</tr>"
        for row in table.rows
    )
    return f'<div class="wide" tabindex="0"><table><tr>{head}</tr>{rows}</table></div>'


def _cell(tag: str, at: int, words: str, table: Table) -> str:
    left = ' class="left"' if at in table.left else ""
    return f"<{tag}{left}>{text(words)}</{tag}>"
