"""Remarks beside the result: on stderr, or kept for the Python program that asked for the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import click

from translation import tr

_kept: ContextVar[list[str] | None] = ContextVar("kept", default=None)


def remark(text: str) -> None:
    """Print a remark on stderr; in the block of `kept_remarks` keep it instead."""
    kept = _kept.get()
    if kept is None:
        click.echo(text, err=True)
    else:
        kept.append(text)


def together(parts: Sequence[str]) -> str:
    """Return the parts of a sentence as one, like `a and b and c`; "" if there are none."""
    whole = "".join(parts[:1])
    for part in parts[1:]:
        whole = tr("{one} and {other}", one=whole, other=part)
    return whole


@contextmanager
def kept_remarks() -> Iterator[list[str]]:
    """Yield a list, to which each remark in the block is added."""
    kept: list[str] = []
    before = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(before)
