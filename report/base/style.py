"""The style of all outputs: the colours of processes, the names and patterns of states.

A process has one colour in all outputs, given by its place in the scenario. A reader can tell the
states without colour, by height and pattern: running fills the lane, ready is hatched and half as
high, blocked is a line.
"""

from __future__ import annotations

from typing import NamedTuple

from kernel.process.states import State
from translation import mark

# Okabe and Ito, "Color Universal Design" (2008): readers with any colour vision tell them apart.
PALETTE = (
    ("#56B4E9", "black"),  # sky blue
    ("#E69F00", "black"),  # orange
    ("#009E73", "black"),  # bluish green
    ("#CC79A7", "black"),  # reddish purple
    ("#F0E442", "black"),  # yellow
    ("#0072B2", "white"),  # blue
    ("#D55E00", "black"),  # vermillion
)
"""Each process's colour, and the colour of text on it. They repeat, so lanes have names, too."""

OVERHEAD = "#8A8A8A"
"""The colour of a core's overhead: switching, programs outside the scenario."""
MISSED = "#C8102E"
"""The colour of a missed deadline, and of the verdict `disagree`."""
AGREED = "#00724F"
"""The colour of the verdict `agree`."""
SIMULATED_LINE, REAL_LINE = "solid", "dashed"
"""The line styles of the two machines' curves, which are drawn in one chart."""


class StateStyle(NamedTuple):
    """How a state is drawn in a lane of height 1."""

    words: str  # the state's name for a reader
    height: float  # share of the lane, from its floor
    hatch: str  # matplotlib's and Bokeh's character for a pattern; "": filled
    opacity: float  # of the process's colour under the pattern, 0 to 1


STATE_STYLES: dict[State, StateStyle] = {
    State.RUNNING: StateStyle(mark("running"), 0.84, "", 1.0),
    State.READY: StateStyle(mark("ready"), 0.46, "/", 0.18),
    State.BLOCKED: StateStyle(mark("blocked"), 0.12, "", 0.55),
    State.NEW: StateStyle(mark("waiting for memory"), 0.46, ".", 0.0),
    State.SUSPENDED: StateStyle(mark("suspended: swapped out, or being moved"), 0.46, "x", 0.18),
    State.ZOMBIE: StateStyle(mark("zombie: ended, not yet joined"), 0.3, "|", 0.0),
}
"""How each state is drawn. In a cell with equal times the earlier state is shown."""

WHY_WORDS = {
    mark("admitted"): mark("got its memory"),
    mark("dispatched"): mark("got a core"),
    mark("blocked"): mark("had to wait"),
    mark("expired"): mark("its quantum expired"),
    mark("preempted"): mark("was preempted"),
    mark("interrupted"): mark("a program outside the scenario took its core"),
    mark("resumed"): mark("went on"),
    mark("yielded"): mark("gave up the core by itself"),
    mark("woke"): mark("its wait ended"),
    mark("ended"): mark("its program ended"),
    mark("killed"): mark("a signal ended it"),
    mark("stopped"): mark("the run was stopped"),
    mark("continued"): mark("the next wait followed at once"),
    mark("released"): mark("its next job was due"),
    mark("reaped"): mark("was joined, or its parent died"),
    mark("aborted"): mark("its job was dropped at the deadline"),
    mark("suspended"): mark("was swapped out, or moved in memory"),
}
"""A reader's words for the reason why an interval ended; any other reason is shown as it is."""


OVERHEADS = (mark("dispatch"), mark("switch"), mark("migration"), mark("dispatcher"))
"""The kinds of overhead that are no reasons why an interval ended."""


def colour(process: int) -> str:
    """Return the colour of the process at this place in the scenario, as `#RRGGBB`."""
    return PALETTE[process % len(PALETTE)][0]


def ink(process: int) -> str:
    """Return the colour of text on that process's colour: `black` or `white`."""
    return PALETTE[process % len(PALETTE)][1]
