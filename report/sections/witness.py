"""What the exported plain program said, beside what both machines said."""

from __future__ import annotations

from collections.abc import Iterator

from report.base.printing import Fact
from report.base.screen import Glyphs
from timeline.comparison.witness import Witness, WitnessRow
from translation import mark, tr

PROGRAM = mark("program")
MOST_ROWS = 60
"""How many rows are shown; the JSON document has all of them."""


def witness_facts(
    witness: Witness, titles: tuple[str, str], glyphs: Glyphs, *, full: bool
) -> Iterator[Fact]:
    """Yield what each process said in the order in which the program's process said it.

    What all three say alike is yielded once. Without `full` only the rows that differ are yielded.
    """
    wrong = [row for row in witness.rows if not row.equal]
    shown = witness.rows if full else wrong
    for row in shown[:MOST_ROWS]:
        yield from _row(row, titles, glyphs)
    if len(shown) > MOST_ROWS:
        yield "", tr("and {n:,} more", n=len(shown) - MOST_ROWS)
    words = tr("{verdict}: {sentence}", verdict=tr(witness.verdict), sentence=tr(witness.sentence))
    yield "", words


def _row(row: WitnessRow, titles: tuple[str, str], glyphs: Glyphs) -> Iterator[Fact]:
    sign = glyphs.yes if row.equal else glyphs.no
    label = f"{sign} {row.process}: {tr(row.name)}"
    if row.equal and row.model == row.real:
        yield label, str(row.model)
        return
    for said, title in ((row.model, titles[0]), (row.real, titles[1]), (row.program, tr(PROGRAM))):
        yield label, f"{title}: {tr('nothing') if said is None else said}"
        label = ""
