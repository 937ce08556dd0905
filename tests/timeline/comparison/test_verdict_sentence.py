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
        "; of the 3 ms it took longer, 2 ms went into switching between processes and "
        "1 ms went into bursts longer than asked for."
    )


def test_no_part_is_larger_than_the_whole() -> None:
    assert sentence(us(1500), switching=ms(21), idle=us(-19500)).endswith(
        "; 21 ms went into switching between processes, and all but 1.5 ms of that was made up for."
    )


def test_a_shorter_run_spent_less_and_not_more() -> None:
    assert sentence(ms(-3), switching=ms(-3)).endswith(
        "; of the 3 ms it took shorter, 3 ms less went into switching between processes."
    )
