"""Round robin and multilevel queues as students mistake them."""

from __future__ import annotations

from teaching.misconceptions import changes
from teaching.misconceptions import mistaken_policies as mistaken
from teaching.misconceptions.misconception import Misconception
from translation import mark

TIME_SLICING: tuple[Misconception, ...] = (
    Misconception(
        "quantum-carried-over",
        mark("round robin in which a process keeps the rest of its quantum over an I/O wait"),
        mark("a process that comes back from I/O gets a whole quantum"),
        changes.policy("rr", to=mistaken.CarriesQuantum, when="io"),
    ),
    Misconception(
        "quantum-idled-out",
        mark("round robin in which the core idles until the quantum is over"),
        mark(
            "a process that ends or blocks gives the core up at once, and the next begins a quantum"
        ),
        changes.policy("rr", to=mistaken.IdlesOutQuantum, when="one core"),
    ),
    Misconception(
        "newcomers-first",
        mark("round robin in which a newcomer goes to the front of the queue"),
        mark("a process that arrives goes to the end of the queue"),
        changes.policy("rr", to=mistaken.NewcomersFirst),
    ),
    Misconception(
        "returners-first",
        mark(
            "round robin in which a process that comes back from I/O goes to the front of the queue"
        ),
        mark("a process that comes back from I/O goes to the end of the queue"),
        changes.policy("rr", to=mistaken.ReturnersFirst, when="io"),
    ),
    Misconception(
        "fixed-order",
        mark("round robin that goes round in the order of the list"),
        mark("the queue is in the order in which the processes became ready"),
        changes.policy("rr", to=mistaken.FixedOrder),
    ),
    Misconception(
        "boost-forgotten",
        mark("a multilevel feedback queue without its boost"),
        mark("at each boost all processes move to the top level"),
        changes.parameter("boost", changes.always(None), "mlfq"),
    ),
    Misconception(
        "never-sinks",
        mark("a multilevel feedback queue in which no process moves down"),
        mark("a process that has used up its allotment moves one level down"),
        changes.policy("mlfq", to=mistaken.NeverSinks),
    ),
)
