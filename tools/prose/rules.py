"""The rules: what a sentence may not be, and what to write in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_WORDS = 48
"""Words of a sentence, from one full stop to the next."""
MOST_IN_A_PART = 40
"""Words of a part of a sentence, between stops, colons and semicolons."""


class Rule(NamedTuple):
    """What no sentence may have, and why."""

    name: str
    pattern: re.Pattern[str]
    advice: str


def _rule(name: str, pattern: str, advice: str) -> Rule:
    return Rule(name, re.compile(pattern), advice)


RULES = (
    _rule(
        "person",
        r"^Who(?:ever)? (?!.*\?)|\b[Ww]hoever\b|\b[Ss]ome(?:body|one)\b"
        r"|(?<!root: )\b[Nn]obody\b(?! may)",
        "name the process, the core, the student: a process is `it`",
    ),
    _rule(
        "old word",
        r"\bstints?\b|\bgiv(?:es?|ing) way\b|\bthe troupe\b|\btenants?\b|\bbook time\b",
        "use the field's term: running interval, is preempted, virtual time",
    ),
    _rule(
        "told",
        r"\b(?:is|are|was|were) (?:told(?! (?:to|apart|which|that|the|what|of)\b)|said\b(?! to))"
        r"|\bwhich is (?:said|told)\b|\bis not told\b",
        "say who reports it: `the command reports …`, `a remark says …`",
    ),
    _rule(
        "riddle",
        r"^What (?!follows\b|happens\b)(?!.*\?)[^,.;:]* (?:is|are) "
        r"(?:told|said|refused|left out|shown|kept|dropped|hatched|decided|made|taken)\b",
        "name the subject: `a file that cannot be read is …`",
    ),
    _rule(
        "inversion",
        r"^(?:Of|Beside) (?!course\b)[a-z][^,;:.]*? (?:the|one|each|both|it|only|a|there|any) "
        r"|^As much (?:may|can) |^Whose [^?]*$",
        "begin with the subject",
    ),
)


IN_SCENARIOS = (
    _rule(
        "person",
        r"\b[Ww]ho(?:m|ever)?\b|\b[Nn]obody\b",
        "name the process or the program: `which process …`, `no program …`",
    ),
)
"""What the title and the advice of a scenario may not have: they speak of processes only."""


def broken(
    sentence: str,
    most: int = MOST_WORDS,
    part: int = MOST_IN_A_PART,
    rules: tuple[Rule, ...] = RULES,
) -> Iterator[str]:
    """Yield what is wrong with a sentence: the rule's name, and what to write."""
    for rule in rules:
        if rule.pattern.search(sentence):
            yield f"{rule.name}: {rule.advice}"
    words = len(sentence.split())
    if words > most:
        yield f"length: {words} words, at most {most}"
    longest = max((len(each.split()) for each in re.split(r"[;:] ", sentence)), default=0)
    if longest > part:
        yield f"length: {longest} words without a stop, at most {part}"
