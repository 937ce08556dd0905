"""Conditions on the values of an experiment: `quantum < 40ms and policy != fcfs`.

    condition   either { "or" either }
    either      each { "and" each }
    each        "not" each | "(" condition ")" | value compare value { compare value }
    compare     < <= > >= = == !=
    value       a key that is varied, a number with or without a unit, or a word

A key may be written by its last part (`quantum` for `scheduler.quantum`) if only one key that is
varied ends so. Text is never executed: a condition is a tree of the tuples below.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from kernel.units import BYTES_PER, NS_PER, parse_duration, parse_size
from language.source.wording import shown
from translation import mark, tr


class Value(NamedTuple):
    """A value as it is written, and what it means: a number, ns, bytes or a text."""

    kind: str  # number | duration | size | text
    meaning: Any
    written: str


Condition = Callable[[Mapping[str, str]], bool]
"""Tells whether a point, the written value of each key, is kept."""

_TOKEN = re.compile(r"\s*(<=|>=|==|!=|<|>|=|\(|\)|'[^']*'|\"[^\"]*\"|[^\s<>=!()'\"]+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_A_KIND = {"number": mark("a number"), "duration": mark("a duration"), "size": mark("a size")}
_WORDS = ("and", "or", "not")
_LONGEST, _DEEPEST = 1_000, 50


def condition(text: str, keys: Sequence[str]) -> Condition:
    """Return the condition in `text` on the values of `keys`. Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError(tr("must be at most {most:,} characters", most=_LONGEST))
    return _Parser(text, keys).whole()


def typed(text: str) -> Value:
    """Return a written value with its kind, so that 0.05s and 50ms are equal."""
    bare = text.strip()
    if re.fullmatch(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", bare):
        return Value("number", float(bare), bare)
    unit = re.sub(r"^[-+.\d\s]+(?:[eE][-+]?\d{1,3})?", "", bare)
    try:
        if unit in NS_PER and unit != bare:
            return Value("duration", parse_duration(bare), bare)
        if unit in BYTES_PER and unit != bare:
            return Value("size", parse_size(bare), bare)
    except ValueError:
        pass
    return Value("text", bare.strip("'\""), bare)


class _Parser:
    """Reads a condition by recursive descent."""

    def __init__(self, text: str, keys: Sequence[str]) -> None:
        self._tokens, self._at, self._depth = _tokens(text), 0, 0
        self._keys = keys

    def whole(self) -> Condition:
        found = self._condition()
        if self._at < len(self._tokens):
            raise ValueError(
                tr("{token} is not expected here", token=shown(self._tokens[self._at]))
            )
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token

    def _condition(self) -> Condition:
        return self._joined("or", any, lambda: self._joined("and", all, self._each))

    def _joined(
        self, word: str, how: Callable[[Any], bool], part: Callable[[], Condition]
    ) -> Condition:
        parts = [part()]
        while self._next() == word:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else lambda point: how(one(point) for one in parts)

    def _each(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(tr("is nested more than {most} levels deep", most=_DEEPEST))
        try:
            if self._next() == "not":
                self._take()
                inner = self._each()
                return lambda point: not inner(point)
            if self._next() == "(":
                self._take()
                inner = self._condition()
                if self._take() != ")":
                    raise ValueError(tr("has an open bracket"))
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Condition:
        values, compares = [self._value()], []
        while self._next() in _COMPARE:
            compares.append(self._take())
            values.append(self._value())
        if not compares:
            raise ValueError(tr("must compare values, like quantum < 40ms"))
        return _compared(values, compares)

    def _value(self) -> Callable[[Mapping[str, str]], Value]:
        token = self._take()
        if not token or token in _WORDS or token in _COMPARE or token in "()":
            what = shown(token) if token else tr("the end of the text")
            raise ValueError(
                tr("must have a key or a value before {what}, like quantum < 40ms", what=what)
            )
        key = None if token[0] in "'\"" else self._key(token)
        if key is not None:
            return lambda point: typed(point[key])
        constant = typed(token)
        return lambda _point: constant

    def _key(self, token: str) -> str | None:
        if token in self._keys:
            return token
        ends = [key for key in self._keys if key.endswith(f".{token}")]
        if len(ends) > 1:
            keys = tr(" or ").join(ends)
            raise ValueError(
                tr("{token} may be {keys}: write the whole key", token=token, keys=keys)
            )
        if not ends and "." in token and typed(token).kind == "text" and ":" not in token:
            keys = ", ".join(self._keys)
            raise ValueError(
                tr("{key} is not varied; the varied keys are {keys}", key=token, keys=keys)
            )
        return ends[0] if ends else None


def _compared(
    values: Sequence[Callable[[Mapping[str, str]], Value]], compares: Sequence[str]
) -> Condition:
    def holds(point: Mapping[str, str]) -> bool:
        found = [value(point) for value in values]
        return all(
            _holds(one, compare, other)
            for one, compare, other in zip(found, compares, found[1:], strict=False)
        )

    return holds


def _holds(one: Value, compare: str, other: Value) -> bool:
    """Return whether the comparison holds. Raises ValueError for values that have no order."""
    kind, other_kind, equality = one.kind, other.kind, compare in ("=", "==", "!=")
    if kind == other_kind and (kind != "text" or equality):
        return _COMPARE[compare](one.meaning, other.meaning)
    if "text" in (kind, other_kind) and equality:
        return compare == "!="
    both = {"one": one.written, "other": other.written}
    if kind == other_kind:
        raise ValueError(
            tr("{one} and {other} are words, which have no order: use = or !=", **both)
        )
    if "text" in (kind, other_kind):
        word = one.written if kind == "text" else other.written
        raise ValueError(
            tr("{word} is a word, and no key that is varied: it has no order", word=word)
        )
    raise ValueError(
        tr(
            "{one} and {other} cannot be compared, {kind} and {other_kind}: give both a unit",
            **both,
            kind=tr(_A_KIND[kind]),
            other_kind=tr(_A_KIND[other_kind]),
        )
    )


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(tr("{text} cannot be read", text=shown(text[at:].strip())))
        found.append(match[1])
        at = match.end()
    return found
