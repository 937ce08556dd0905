"""Random small programs in which processes get into each other's way, and are killed anywhere.

Which of several outcomes comes out is a matter of time, so a witness is judged by
`kernel.lifecycle.outcomes`. The parent itself never waits for what its children do: in the end it
kills those that are left, and every program ends.
"""

from __future__ import annotations

import random
from typing import Any

Step = dict[str, Any]
Steps = list[Step]

SIGNALS = ("terminate", "kill", "interrupt")


class Tangle:
    """Makes one scenario with two or three children and few objects."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.kinds = draw.sample(sorted(_STEPS), draw.randint(1, 2))
        self.children = [f"c{number}" for number in range(1, draw.choice([2, 2, 3]) + 1)]

    def scenario(self) -> dict[str, Any]:
        """Return the scenario."""
        draw = self.draw
        programs = {name: {"program": self.program(name)} for name in self.children}
        parent: Steps = []
        for name in self.children:
            parent.append({"start": {"program": name}})
            parent += self.pause(0.3)
        for _ in range(draw.randint(0, 3)):
            parent += [self.meddle(), *self.pause(0.7)]
        parent.append({"io": "40ms"})
        for name in self.children:
            parent += [{"kill": name}, {"join": name}, {"observe": name}]
        return {
            "scheduler": {"policy": "rr", "quantum": "20ms"},
            "stall_timeout": "500ms",
            "locks": {"m": draw.choice(["lock", "rlock"])},
            "semaphores": {"s": {"value": draw.randint(0, 2), "bounded": draw.random() < 0.5}},
            "conditions": {"c": {}},
            "barriers": {"b": 2},
            "queues": {"q": draw.choice(["simple", "queue", {"kind": "queue", "maxsize": 1}])},
            "pipes": {"p": {}},
            "values": {"n": 0},
            "programs": programs,
            "processes": [{"name": "parent", "program": parent}],
        }

    def program(self, name: str) -> Steps:
        """Return the steps of a child."""
        steps: Steps = []
        if self.draw.random() < 0.2:
            steps.append({"finally": f"{name} finally"})
        for _ in range(self.draw.randint(1, 3)):
            kind = self.draw.choice(self.kinds)
            own = _OF_ONE_READER if kind == "pipe" and name == self.children[0] else []
            steps += self.draw.choice([*_STEPS[kind], *own])
            steps += self.pause(0.3)
        return [*steps, {"print": f"{name} is done"}]

    def pause(self, share: float) -> Steps:
        """Return a short time of computing or waiting, with this probability."""
        if self.draw.random() >= share:
            return []
        return [{self.draw.choice(["cpu", "io"]): f"{self.draw.randint(2, 15)}ms"}]

    def meddle(self) -> Step:
        """Return a step by which the parent lets children go on, or ends one of them."""
        draw, child = self.draw, self.draw.choice(self.children)
        if draw.random() < 0.6:
            return {draw.choice(SIGNALS): child}
        calls: Steps = [
            {"set_event": "e"},
            {"release": "s"},
            {"send": {"pipe": "p", "end": 1, "value": 7}},
            {"join": {"process": child, "timeout": draw.choice([0, "10ms"])}},
        ]
        return draw.choice(calls)


_STEPS: dict[str, list[Steps]] = {
    "lock": [
        [{"lock": "m"}, {"cpu": "3ms"}, {"unlock": "m"}],
        [{"lock": "m"}, {"io": "5ms"}],
        [{"lock": {"lock": "m", "timeout": "8ms"}}, {"unlock": "m"}],
        [{"lock": {"lock": "m", "blocking": False}}],
    ],
    "semaphore": [
        [{"acquire": "s"}, {"cpu": "3ms"}, {"release": "s"}],
        [{"acquire": {"semaphore": "s", "timeout": "8ms"}}],
        [{"release": "s"}],
    ],
    "event": [
        [{"wait_event": "e"}],
        [{"wait_event": {"event": "e", "timeout": "8ms"}}],
        [{"set_event": "e"}],
        [{"clear_event": "e"}],
    ],
    "condition": [
        [{"lock": "c"}, {"wait": "c"}, {"unlock": "c"}],
        [{"lock": "c"}, {"wait": {"condition": "c", "timeout": "8ms"}}, {"unlock": "c"}],
        [{"lock": "c"}, {"notify": "c"}, {"unlock": "c"}],
    ],
    "barrier": [
        [{"barrier": "b"}],
        [{"barrier": {"barrier": "b", "timeout": "8ms"}}],
        [{"abort": "b"}],
    ],
    "queue": [
        [{"send": {"queue": "q", "value": 1}}],
        [{"receive": "q"}],
        [{"receive": {"queue": "q", "into": "x"}}],
    ],
    "pipe": [
        [{"send": {"pipe": "p", "end": 1, "value": 2}}],
        [{"poll": {"pipe": "p", "end": 0, "timeout": "8ms"}}],
    ],
    "number": [
        [{"read": {"value": "n", "into": "x"}}, {"write": {"value": "n", "from": "x", "plus": 1}}],
        [{"add": "n"}, {"read": "n"}],
        [{"lock": "n"}, {"add": "n"}, {"unlock": "n"}],
    ],
}
"""What a child may do, by the kind of object: each entry is a few steps."""

_OF_ONE_READER: list[Steps] = [[{"receive": {"pipe": "p", "end": 0}}]]
"""What the first child alone may do with a pipe: two readers at once, without a lock, get parts of
each other's messages, which the rules leave out."""


def made(seed: str) -> dict[str, Any]:
    """Return the scenario of that seed, as the values that YAML would give."""
    return Tangle(random.Random(f"tangle {seed}")).scenario()
