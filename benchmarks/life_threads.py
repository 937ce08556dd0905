"""Random scenes of threads that share locks, queues, barriers and variables.

A process has two or three threads, and a second process may take part, too. After each scene all of
them meet at a barrier, so that no schedule changes what they say. The last scene may be one in
which threads wait for ever.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Step = dict[str, Any]
Steps = list[Step]
Parts = list[Steps]
"""What each thread does in a scene, in the order of the threads."""

FIRST = {"io": "40ms"}
"""After this time the others that were to come first have come."""
Scene = Callable[[random.Random, str], Parts]


def guarded(draw: random.Random, name: str) -> Parts:
    """Return a scene: a thread sets a variable under a lock; another reads it under the lock."""
    value = draw.randint(2, 99)
    holder: Steps = [{"lock": name}, FIRST, {"set": {"a": value}}, FIRST, {"unlock": name}]
    return [holder, [FIRST, {"lock": name}, {"show": "a"}, {"unlock": name}]]


def met(draw: random.Random, name: str) -> Parts:
    """Return a scene: two threads meet at a barrier; each sees what the other has done before."""
    one, other = draw.randint(2, 99), draw.randint(2, 99)
    return [
        [{"set": {"a": one}}, {"barrier": name}, {"show": "b"}],
        [{"cpu": "3ms"}, {"set": {"b": other}}, {"barrier": name}, {"show": "a"}],
    ]


def sent(draw: random.Random, name: str) -> Parts:
    """Return a scene: a thread sends values and the other receives them, in either order."""
    values = draw.choices([1, "text", [2.5]], k=draw.randint(1, 3))
    send: Steps = [{"send": {"queue": name, "value": value}} for value in values]
    get: Steps = [{"receive": {"queue": name, "into": "x"}} for _ in values]
    late = draw.choice([[FIRST, *send], send])
    return [late, [*get, {"show": "x"}]]


def released_by_another(_: random.Random, name: str) -> Parts:
    """Return a scene: a thread releases the lock that another has taken."""
    return [
        [{"lock": name}, {"lock": name}, {"print": "again"}, {"unlock": name}],
        [FIRST, {"unlock": name}],
    ]


def too_often(_: random.Random, name: str) -> Parts:
    """Return a scene: a lock is released that no thread holds."""
    return [[{"unlock": name}], []]


def left_held(_: random.Random, name: str) -> Parts:
    """Return a scene: a thread ends and leaves a lock held; the other waits for ever."""
    return [[{"lock": name}], [FIRST, {"lock": name}, {"print": "never"}]]


def circle(_: random.Random, name: str) -> Parts:
    """Return a scene: two threads take two locks in different orders."""
    one, other = {"lock": name}, {"lock": f"{name}x"}
    return [[one, FIRST, other], [other, FIRST, one]]


def never_sent(_: random.Random, name: str) -> Parts:
    """Return a scene: a thread waits for more than was sent."""
    return [[{"send": {"queue": name, "value": 1}}], [{"receive": name}, {"receive": name}]]


GOES_ON: list[Scene] = [guarded, met, sent, released_by_another, too_often]
FOR_EVER: list[Scene] = [left_held, circle, never_sent]


def made(seed: str) -> dict[str, Any]:
    """Return the scenario of that seed, as the values that YAML would give."""
    draw = random.Random(f"threads {seed}")
    many = draw.randint(2, 3)
    programs: Parts = [[] for _ in range(many)]
    scenes: list[Scene] = draw.choices(GOES_ON, k=draw.randint(1, 3))
    scenes += draw.choices(FOR_EVER, k=draw.random() < 0.3)
    barriers: dict[str, int] = {}
    for number, scene in enumerate(scenes):
        parts = draw.sample([*scene(draw, f"s{number}"), *[[]] * (many - 2)], many)
        barriers |= {f"s{number}": 2, f"all{number}": many}
        for program, part in zip(programs, parts, strict=True):
            program += [*part, {"barrier": f"all{number}"}]
    for number, program in enumerate(programs):
        program.append({"print": f"{number} is done"})
    return {
        "scheduler": {"policy": "fair", "dispatch": "none"},
        "stall_timeout": "500ms",
        "variables": {"a": 0, "b": 0, "x": 0},
        "barriers": barriers,
        "processes": [{"name": "P", "threads": programs}],
    }
