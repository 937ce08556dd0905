"""Write answer files: the template to fill in, and the key with everything filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from teaching.outcome import Outcome
from teaching.posed import Posed
from teaching.yaml_text import block
from translation import tr, tr_text


def template(posed: Posed, student: str | None) -> str:
    """Return an answer file with nothing filled in, and a comment that says how to do it."""
    lines = [
        tr("# Answers to: {title}", title=tr_text(posed.file.title)),
        tr(
            "# Fill in behind the colons. Times are in {unit}: 18, or with a unit: 18ms.",
            unit=posed.times.name,
        ),
        tr("# An empty answer loses only its own points. For example:"),
        *(f"#   {example}" for example in _examples(posed)),
        *_head(posed, student),
        block(answers(posed, None)),
    ]
    return "\n".join(lines)


def answer_key(posed: Posed, student: str | None) -> str:
    """Return the answer file that earns all points."""
    lines = [
        tr(
            "# The right answers to: {title} (times in {unit})",
            title=tr_text(posed.file.title),
            unit=posed.times.name,
        ),
        *_head(posed, student),
        block(answers(posed, posed.right)),
    ]
    return "\n".join(lines)


def answers(posed: Posed, outcome: Outcome | None) -> dict[str, Any]:
    """Return the content of an answer file with what comes out of `outcome`; None: empty values."""
    content: dict[str, Any] = {}
    for asked in posed.asked:
        truth = {} if outcome is None else asked.kind.truth(asked, outcome)
        values = {label: truth.get(label) for label in asked.labels}
        put = asked.kind.put(asked, values, posed.times)
        key = asked.question.kind
        if isinstance(content.get(key), dict) and isinstance(put, Mapping):
            content[key] = {**content[key], **put}
        elif isinstance(content.get(key), list) and isinstance(put, list):
            content[key] = [*content[key], *put]
        else:
            content[key] = put
    return content


def _examples(posed: Posed) -> list[str]:
    return list(dict.fromkeys(asked.kind.how(posed.times) for asked in posed.asked))


def _head(posed: Posed, student: str | None) -> list[str]:
    head = ""
    if student is not None:
        head = block({"student": student}).rstrip("\n")
    elif posed.seed is not None:
        head = block({"seed": posed.seed}).rstrip("\n")
    return [*([head] if head else []), ""]
