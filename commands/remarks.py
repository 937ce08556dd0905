"""Remarks beside the result: on stderr, or kept for the Python program that asked for the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import click

_kept: ContextVar[list[str] | None] = ContextVar("kept", default=None)


def remark(text: str) -> None:
    """Print a remark on stderr; in the block of `kept_remarks` keep it instead."""
    kept = _kept.get()
    if kept is None:
        click.echo(text, err=True)
    else:
        kept.append(text)


@contextmanager
def kept_remarks() -> Iterator[list[str]]:
    """Yield a list, to which each remark in the block is added."""
    kept: list[str] = []
    before = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(before)
