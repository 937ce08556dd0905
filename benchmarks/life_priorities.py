"""Random programs with locks under priorities: no protocol, inheritance, ceilings.

Each process counts in one number in shared memory, and says what it reads there. So what the
processes say has the order of all they do in it, and with that which of them had the core when.
No plain program can do this: the model is held against real processes alone.
"""

from __future__ import annotations

import random
from typing import Any

Step = dict[str, Any]
Steps = list[Step]

COUNTED: Steps = [{"add": "n"}, {"read": "n"}]


class Priorities:
    """Makes one scenario of three or four processes and two locks."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.protocol = draw.choice(["none", "inheritance", "inheritance", "ceiling"])
        self.names = ["high", "middle", "low", "lowest"][: draw.randint(3, 4)]

    def scenario(self) -> dict[str, Any]:
        """Return the scenario."""
        lock: dict[str, Any] = {"protocol": self.protocol}
        if self.protocol == "ceiling":
            lock["ceiling"] = 1
        return {
            "scheduler": {"policy": "priority"},
            "stall_timeout": "500ms",
            "locks": {"m": lock, "k": lock},
            "values": {"n": {"value": 0, "lock": False}},
            "processes": [self.process(rank) for rank in range(1, len(self.names) + 1)],
        }

    def process(self, rank: int) -> dict[str, Any]:
        """Return a process. The more important it is, the later it comes, for the most part."""
        draw = self.draw
        late = draw.randint(0, 3) + 3 * (len(self.names) - rank)
        steps: Steps = [self.cpu()]
        for _ in range(draw.randint(1, 2)):
            steps += self.part()
        if rank == 1 and draw.random() < 0.2:
            victim = draw.choice(self.names[1:])
            steps.append({draw.choice(["terminate", "kill"]): victim})
        return {
            "name": self.names[rank - 1],
            "priority": rank,
            "arrival": f"{7 * late}ms",
            "program": [*steps, *COUNTED],
        }

    def cpu(self) -> Step:
        """Return a burst."""
        return {"cpu": f"{self.draw.randint(3, 25)}ms"}

    def part(self) -> Steps:
        """Return steps that compute, wait, or hold locks for a while."""
        draw = self.draw
        if draw.random() < 0.2:
            return [draw.choice([{"io": f"{draw.randint(5, 30)}ms"}, self.cpu()]), *COUNTED]
        outer, inner = draw.sample(["m", "k"], 2) if draw.random() < 0.2 else ["m", "k"]
        within: Steps = [self.cpu()]
        if draw.random() < 0.4:
            within += [{"lock": inner}, self.cpu(), *COUNTED, {"unlock": inner}]
        if draw.random() < 0.15:
            within.append({"io": "10ms"})
        timed = {"lock": outer, "timeout": f"{draw.randint(5, 40)}ms"}
        take: Step = {"lock": timed if draw.random() < 0.15 else outer}
        return [take, *COUNTED, *within, {"unlock": outer}, *COUNTED, self.cpu()]


def made(seed: str) -> dict[str, Any]:
    """Return the scenario of that seed, as the values that YAML would give."""
    return Priorities(random.Random(f"priorities {seed}")).scenario()
