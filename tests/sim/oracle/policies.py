"""The rules of docs/policies.md for the oracle, a class each: written to be read, not to be fast.

A rule has no queue. Whenever a core is free it chooses among all ready jobs. What it remembers of a
job is in the job's `memo`, and moves with the job to another core.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sim.oracle.system import Life

COMES_BACK = ("woke", "released")  # from I/O, or from the end of the job before


class Rule:
    """First come, first served; the subclasses have the differences of the other policies."""

    preempts = False
    in_turns = True  # equals take turns, and no draw decides among them

    def __init__(
        self,
        parameters: Mapping[str, Any],
        draw: random.Random,
        equals: Callable[[Life], Any],
    ) -> None:
        self.parameters = parameters
        self.draw = draw
        self.equals = equals  # the key of a job in a draw among equals
        self.now = 0  # set by the oracle at each tick

    def joins(self, life: Life, why: str, others: Sequence[Life]) -> None:
        """Note that `life` became ready; `others` were ready before."""

    def rank(self, life: Life) -> Any:
        """Return the rank: the least runs first. Only the rank decides on preemption."""
        return 0

    def order(self, life: Life) -> Any:
        """Return the key by which the ready queue is sorted."""
        return self.rank(life), self.turn(life)

    def turn(self, life: Life) -> Any:
        """Return what decides among equal jobs."""
        return (0 if self.in_turns else self.equals(life)), life.turn

    def goes_before(self, better: Life, worse: Life) -> bool:
        """Return whether a ready job takes the core of a running one."""
        return bool(self.rank(better) < self.rank(worse))

    def choose(self, line: Sequence[Life]) -> Life:
        """Return the next job of the sorted ready queue."""
        return line[0]

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        """Return the quantum of a chosen job. `competing` are all ready or running jobs."""
        return None

    def left(self, life: Life, ran: int, why: str) -> None:
        """Note that a job left its core: it is blocked, ended, expired or preempted."""

    def timer(self, lives: Sequence[Life]) -> None:
        """Do what the policy does at certain times."""

    def looks(self, line: Sequence[Life]) -> bool:
        """Return whether a job may be preempted although none became ready at this instant."""
        return False


class RoundRobin(Rule):
    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        return int(self.parameters["quantum"])


class VirtualRoundRobin(Rule):
    def joins(self, life: Life, why: str, others: Sequence[Life]) -> None:
        if why != "moved":
            life.memo["auxiliary"] = why == "woke" and life.memo.get("rest", 0) > 0

    def rank(self, life: Life) -> Any:
        return not life.memo["auxiliary"]

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        if not life.memo["auxiliary"]:
            life.memo["rest"] = self.parameters["quantum"]
        return int(life.memo["rest"])

    def left(self, life: Life, ran: int, why: str) -> None:
        life.memo["rest"] -= ran


class Random(Rule):
    def choose(self, line: Sequence[Life]) -> Life:
        return line[int(self.draw.random() * len(line))]

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        quantum: int | None = self.parameters["quantum"]
        return quantum


# -- shortest first -----------------------------------------------------------------------------


class ShortestFirst(Rule):
    in_turns = False

    def expected(self, life: Life) -> int:
        """Return what is left of the burst, or is expected to be left, ticks."""
        if self.parameters["estimate"] == "oracle":
            return life.left
        ran = life.ticks - life.left
        return max(0, self.estimate(life) - ran)

    def estimate(self, life: Life) -> int:
        return int(life.memo.get("estimate", self.parameters["estimate"]["exponential"]["initial"]))

    def rank(self, life: Life) -> Any:
        return self.expected(life)

    def left(self, life: Life, ran: int, why: str) -> None:
        if why in ("blocked", "ended") and self.parameters["estimate"] != "oracle":
            alpha = Fraction(self.parameters["estimate"]["exponential"]["alpha"])
            exact = alpha * life.ticks + (1 - alpha) * self.estimate(life)
            life.memo["estimate"] = (exact + Fraction(1, 2)).__floor__()


class ShortestRemaining(ShortestFirst):
    preempts = True

    def goes_before(self, better: Life, worse: Life) -> bool:
        if super().goes_before(better, worse):
            return True
        comes_later = better.is_new and better.since > worse.picked
        equal = self.rank(better) == self.rank(worse)
        return equal and comes_later and self.parameters.get("newcomer") == "preempts"


class HighestResponseRatio(ShortestFirst):
    def rank(self, life: Life) -> Any:
        expected = max(1, self.expected(life))
        return -Fraction(self.now - life.since + expected, expected)


# -- priorities and levels ----------------------------------------------------------------------


class Priority(Rule):
    def __init__(self, parameters: Mapping[str, Any], *others: Any) -> None:
        super().__init__(parameters, *others)
        self.preempts = parameters["preemptive"]
        self.in_turns = parameters.get("quantum") is not None

    def rank(self, life: Life) -> Any:
        if life.state != "ready":
            return life.memo["level"]
        aging = self.parameters["aging"]
        improved = 0 if aging is None else (self.now - life.since) // aging
        sign = -1 if self.parameters["highest"] == "large" else 1
        return sign * life.job.priority - improved

    def looks(self, line: Sequence[Life]) -> bool:
        aging = self.parameters["aging"]
        return aging is not None and any((self.now - life.since) % aging == 0 for life in line)

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        life.memo["level"] = self.rank(life)  # it is still ready
        quantum: int | None = self.parameters.get("quantum")
        return quantum


class Multilevel(Rule):
    """OSTEP's feedback queue. A place in a level is a number; the front is less than all others."""

    preempts = True

    def __init__(self, parameters: Mapping[str, Any], *others: Any) -> None:
        super().__init__(parameters, *others)
        self.quanta = [inf if quantum is None else quantum for quantum in parameters["quanta"]]
        while len(self.quanta) < parameters["levels"]:
            self.quanta.append(2 * self.quanta[-1])
        self.allotments = parameters["allotments"] or self.quanta
        self.foremost = 0
        self.preempts = parameters.get("preemptive", True)
        self.io = parameters.get("io", "keeps")
        self.to_front = {"woke"} if parameters.get("io_return") == "front" else set()
        if parameters.get("requeue") != "behind":
            self.to_front.add("preempted")

    def front(self) -> int:
        self.foremost -= 1
        return self.foremost

    def joins(self, life: Life, why: str, others: Sequence[Life]) -> None:
        life.memo.setdefault("level", 0)
        life.memo.setdefault("used", 0)
        life.memo["place"] = self.front() if why in self.to_front else life.turn
        if why == "woke" and self.io == "renews":
            life.memo["used"] = 0
        keeps = {"woke"} if self.io == "keeps-quantum" else set()
        if self.parameters.get("requeue") != "behind":
            keeps.add("preempted")
        if why != "moved":
            life.memo["rest"] = life.memo.get("kept") if why in keeps else None
            life.memo["kept"] = None

    def rank(self, life: Life) -> Any:
        return life.memo["level"]

    def order(self, life: Life) -> Any:
        return life.memo["level"], life.memo["place"]

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        memo = life.memo
        if memo["rest"] is not None:
            return int(memo["rest"])
        level = memo["level"]
        ticks = min(self.quanta[level], self.allotments[level] - memo["used"])
        return None if ticks == inf else int(ticks)

    def left(self, life: Life, ran: int, why: str) -> None:
        memo = life.memo
        memo["used"] += ran
        memo["kept"] = life.slice or None
        if memo["used"] >= self.allotments[memo["level"]]:
            memo["level"] = min(memo["level"] + 1, self.parameters["levels"] - 1)
            memo["used"] = 0

    def timer(self, lives: Sequence[Life]) -> None:
        boost = self.parameters["boost"]
        if boost is None or self.now == 0 or self.now % boost:
            return
        waiting = sorted((life for life in lives if life.state == "ready"), key=self.order)
        for life in reversed(waiting):
            life.memo.update(place=self.front(), rest=None)
        for life in lives:
            # what it ran in this slice will be added
            life.memo.update(level=0, used=-life.ran, kept=None)
            if life.state in ("running", "switching") and life.slice != 0:  # else it expires now
                ticks = min(self.quanta[0], self.allotments[0])
                life.slice = None if ticks == inf else int(ticks)


class Feedback(Rule):
    def joins(self, life: Life, why: str, others: Sequence[Life]) -> None:
        life.memo.setdefault("queue", 0)
        if why == "expired" and others:
            life.memo["queue"] += 1

    def rank(self, life: Life) -> Any:
        return life.memo["queue"]

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        return int(self.parameters["quantum"] * self.parameters["growth"] ** life.memo["queue"])


# -- shares -------------------------------------------------------------------------------------


class Lottery(RoundRobin):
    def choose(self, line: Sequence[Life]) -> Life:
        tickets = [
            life
            for life in sorted(line, key=lambda life: life.index)
            for _ in range(life.job.tickets)
        ]
        return tickets[int(self.draw.random() * len(tickets))]


class Stride(RoundRobin):
    def __init__(self, parameters: Mapping[str, Any], *others: Any) -> None:
        super().__init__(parameters, *others)
        self.last = Fraction(0)  # the pass of the job that was picked last, when it was picked

    def weight(self, life: Life) -> int:
        return life.job.tickets

    def joins(self, life: Life, why: str, others: Sequence[Life]) -> None:
        life.memo.setdefault("pass", Fraction(0))
        if why in ("arrived", "moved", *COMES_BACK):
            life.memo["pass"] = max(life.memo["pass"], self.last)

    def order(self, life: Life) -> Any:
        return life.memo["pass"], life.index

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        self.last = life.memo["pass"]
        return super().slice(life, competing)

    def left(self, life: Life, ran: int, why: str) -> None:
        life.memo["pass"] += Fraction(ran, self.weight(life))


WEIGHTS = [
    *(88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916),  # nice -20 to -11
    *(9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277),
    *(1024, 820, 655, 526, 423, 335, 272, 215, 172, 137),  # nice 0 to 9
    *(110, 87, 70, 56, 45, 36, 29, 23, 18, 15),
]
"""Linux, kernel/sched/core.c: sched_prio_to_weight."""


class Fair(Stride):
    in_turns = False

    def weight(self, life: Life) -> int:
        return WEIGHTS[life.job.nice + 20]

    def order(self, life: Life) -> Any:
        return life.memo["pass"], self.turn(life)

    def slice(self, life: Life, competing: Sequence[Life]) -> int | None:
        self.last = life.memo["pass"]
        total = sum(self.weight(other) for other in competing)
        share = int(self.parameters["latency"] * self.weight(life) // total)
        return max(share, int(self.parameters["granularity"]))


# -- deadlines ----------------------------------------------------------------------------------


class Deadlines(Rule):
    preempts = True
    in_turns = False

    def urgency(self, life: Life) -> int | None:
        raise NotImplementedError

    def rank(self, life: Life) -> Any:
        if life.deadline is None:
            return 2, 0
        urgency = self.urgency(life)
        return (1, 0) if urgency is None else (0, urgency)


class RateMonotonic(Deadlines):
    def urgency(self, life: Life) -> int | None:
        return life.job.period


class DeadlineMonotonic(Deadlines):
    def urgency(self, life: Life) -> int | None:
        return life.job.deadline


class EarliestDeadline(Deadlines):
    def urgency(self, life: Life) -> int | None:
        return life.deadline


class LeastLaxity(Deadlines):
    def urgency(self, life: Life) -> int | None:
        return (life.deadline or 0) - self.now - life.left

    def looks(self, line: Sequence[Life]) -> bool:
        return self.now % int(self.parameters["tick"]) == 0


RULES: dict[str, type[Rule]] = {
    "fcfs": Rule,
    "rr": RoundRobin,
    "vrr": VirtualRoundRobin,
    "random": Random,
    "sjf": ShortestFirst,
    "srtf": ShortestRemaining,
    "hrrn": HighestResponseRatio,
    "priority": Priority,
    "mlfq": Multilevel,
    "feedback": Feedback,
    "lottery": Lottery,
    "stride": Stride,
    "fair": Fair,
    "rm": RateMonotonic,
    "dm": DeadlineMonotonic,
    "edf": EarliestDeadline,
    "llf": LeastLaxity,
}
