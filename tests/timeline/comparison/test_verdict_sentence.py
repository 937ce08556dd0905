"""The sentence under a comparison: what it says of the time is true for the numbers beside it."""

from __future__ import annotations

from kernel.units import ms, us
from timeline.comparison.causes.makespan_causes import IDLE, OVERSHOOT, SWITCHING, Cause, Causes
from timeline.comparison.criteria import AGREE, VerdictPart
from timeline.comparison.pair import Pair
from timeline.comparison.verdict_sentence import say, took_words


def sentence(difference: int, **parts: int) -> str:
    """Of an agreement in which the makespan of 100 ms differs by the sum of `parts` (ns)."""
    names = {"switching": SWITCHING, "longer": OVERSHOOT, "idle": IDLE}
    assert sum(parts.values()) == difference
    made = tuple(Cause(names[name], ns, ns / difference) for name, ns in parts.items())
    lost = Causes(difference, 0, made, ())
    return say(
        AGREE,
        ("the model", "the real machine"),
        stopped=None,
        law=None,
        criteria=(),
        schedule=VerdictPart("same", "the same order"),
        times=VerdictPart("small", took_words(Pair.of(ms(100), ms(100) + difference), "it", lost)),
        noise="",
        causes=lost,
    )


def test_parts_are_of_the_time_that_it_took_longer() -> None:
    assert sentence(ms(3), switching=ms(2), longer=ms(1)).endswith(
        "; it took 3 ms longer: switching between processes (2 ms more) and "
        "bursts longer than asked for (1 ms more)."
    )


def test_no_part_is_larger_than_the_whole() -> None:
    assert sentence(us(1500), switching=ms(21), idle=us(-19500)).endswith(
        "; switching between processes (21 ms more); "
        "other causes made up for all but 1.5 ms of this."
    )


def test_a_shorter_run_spent_less_and_not_more() -> None:
    assert sentence(ms(-3), switching=ms(-3)).endswith(
        "; it took 3 ms less: switching between processes (3 ms less)."
    )
