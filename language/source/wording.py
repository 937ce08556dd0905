"""Parts of messages: a written value, a probably meant word, an enumeration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice

from translation import tr

LONGEST = 40
SIMILAR, NEARLY_THE_SAME = 0.6, 0.8
"""The least similarity of two words, with which one is taken for the other."""
DEEPEST = 200
"""Levels of a file that every command can work on: Python bounds how deep functions call others."""
KeyPath = tuple[int | str, ...]
"""The keys and list indices from the root of a file to a node."""


class Nothing:
    """The value of a key that is written without a value. It differs from a missing key."""

    def __repr__(self) -> str:
        return "nothing"


NOTHING = Nothing()


def shown(value: object) -> str:
    """Return a value as a message quotes it: similar to YAML, short, on one line."""
    if value is None or value is NOTHING:
        return tr("nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return tr("a mapping")
    if isinstance(value, (list, tuple)):
        return tr("a list")
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def got(wanted: str, value: object) -> str:
    """Return `must be ... (got ...)`. `wanted` is in the language in use."""
    if value is None or value is NOTHING:
        return tr("must be {wanted} (got nothing)", wanted=wanted)
    return tr("must be {wanted} (got {value})", wanted=wanted, value=shown(value))


def got_word(words: str, value: object) -> str:
    """Return `must be ... (got ...)` for words of the language, which no translation changes."""
    if value is None or value is NOTHING:
        return tr("must be {words} (got nothing)", words=words)
    return tr("must be {words} (got {value})", words=words, value=shown(value))


def nearest(word: str, known: Iterable[str], cutoff: float = SIMILAR) -> str | None:
    """Return the known word that was probably meant; None if no known word is similar.

    `cutoff` is the least similarity, 0 to 1 (`difflib`).
    """
    by_lower = {name.lower(): name for name in islice(known, 1000)}
    close = get_close_matches(word[:LONGEST].lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else None


def unknown(kind: str, word: str, known: Iterable[str], elsewhere: Sequence[str] = ()) -> str:
    """Return the message `unknown <kind> 'wrod' (did you mean 'word'?)`, or with all known words.

    `kind` is in the language in use. `elsewhere` are the places where the word is known: they are
    named unless a word that is known here is nearly the same. YAML takes `cpu:20ms`, without a
    space, for one word; the message says so.
    """
    names, written = list(known), shown(word)
    key, colon, value = word.partition(":")
    if colon and value and key in names:
        spaced = shown(f"{key}: {value}")
        return tr(
            "unknown {kind} {word} (a space is missing: {spaced})",
            kind=kind,
            word=written,
            spaced=spaced,
        )
    if elsewhere and nearest(word, names, NEARLY_THE_SAME) is None:
        return tr(
            "unknown {kind} {word} here; write it as {places}",
            kind=kind,
            word=written,
            places=either(elsewhere),
        )
    if meant := nearest(word, names):
        return did_you_mean(kind, word, meant)
    if not names:
        return tr("unknown {kind} {word} (there are none)", kind=kind, word=written)
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return tr("unknown {kind} {word} (known: {names})", kind=kind, word=written, names=listed)


def did_you_mean(kind: str, word: str, meant: str) -> str:
    """Return the message `unknown <kind> 'wrod' (did you mean 'word'?)`."""
    return tr(
        "unknown {kind} {word} (did you mean {meant!r}?)",
        kind=kind,
        word=shown(word),
        meant=meant,
    )


def either(words: Iterable[str]) -> str:
    """Return the words as an enumeration: `a`, `a or b`, `a, b or c`."""
    *others, last = words
    if not others:
        return last
    return tr("{others} or {last}", others=tr(", ").join(others), last=last)


def dotted(path: KeyPath) -> str:
    """Return a path like `processes.0.cpu`. A key with special characters is quoted."""
    return ".".join(_part(part) for part in path)


def _part(part: int | str) -> str:
    text = str(part)
    return text if text.isprintable() and 0 < len(text) <= LONGEST else shown(text)


def no_such_device(name: str, devices: Sequence[str], others: Sequence[str] = ()) -> str:
    """Return the message for a device that the machine does not have.

    `others` are other words that could have been meant.
    """
    if devices or nearest(name, others):
        return unknown(tr("device"), name, [*devices, *others])
    return tr(
        "unknown device {device}; declare it: machine: {{devices: {{{name}: {{}}}}}}",
        device=shown(name),
        name=name,
    )
