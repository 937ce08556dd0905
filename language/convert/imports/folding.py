"""Steps that repeat, folded into `repeat` as a person would write them."""

from __future__ import annotations

from collections.abc import Sequence

from language.convert.imports.draft import Step

LONGEST_PERIOD = 24
"""Steps in one repetition. A person hardly sees longer ones."""
_DEPTH = 3  # repetitions within repetitions


def fold(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with repetitions folded. Written out, they are the same steps."""
    folded = list(steps)
    for _ in range(_DEPTH):
        shorter = _fold_once(folded)
        if len(shorter) == len(folded):
            break
        folded = shorter
    return folded


def _fold_once(steps: Sequence[Step]) -> list[Step]:
    """Return the steps; at each place the repetition that saves most is folded."""
    numbers: dict[str, int] = {}  # equal steps have equal numbers
    tokens = [numbers.setdefault(repr(step), len(numbers)) for step in steps]
    folded: list[Step] = []
    at = 0
    while at < len(steps):
        period, times = _best(tokens, at)
        if times > 1:
            do = fold(steps[at : at + period])
            folded.append({"repeat": {"times": times, "do": do}})
        else:
            folded.append(steps[at])
        at += period * times
    return folded


def _best(tokens: Sequence[int], at: int) -> tuple[int, int]:
    """Return the period and the number of repetitions that save most lines from `at` on."""
    best, most = (1, 1), 0
    for period in range(1, min(LONGEST_PERIOD, (len(tokens) - at) // 2) + 1):
        same = 0
        while at + same + period < len(tokens) and tokens[at + same] == tokens[at + same + period]:
            same += 1
        times = same // period + 1
        saved = period * times - (period + 1)
        if times > 1 and saved > most:
            best, most = (period, times), saved
    return best
