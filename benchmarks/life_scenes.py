"""Random scenarios of the life of processes whose outcome no schedule changes.

A scenario is a row of *scenes*, which one process, the parent, plays with new children and new
objects. In each scene something happens that texts get wrong: a process is killed while it waits,
a queue is full, an end of a pipe is left open. Where a child must wait before the next step, it
says by an event that it comes to its call, and the parent waits for SURE.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

Step = dict[str, Any]
Steps = list[Step]

SURE = "60ms"
"""After this time a process that came to a call, and was not slowed down by others, is in it."""
STUCK = "60ms"
"""For so long a process is given time to go on where the rules say that it cannot."""
SECTIONS = (
    *("locks", "semaphores", "conditions", "barriers", "queues", "pipes", "values", "arrays"),
    "pools",
)
SIGNALS = ("terminate", "kill", "interrupt")
ENDS: list[tuple[Step, bool]] = [
    ({"exit": None}, True),
    ({"exit": 0}, True),
    ({"exit": "a text"}, True),
    ({"exit": True}, True),
    ({"exit": 256}, True),
    ({"exit": -1}, True),
    ({"exit": 77}, True),
    ({"raise": "ValueError"}, True),
    ({"raise": "SystemExit"}, True),
    ({"raise": "KeyboardInterrupt"}, True),
    ({"os_exit": 300}, False),
    ({"os_exit": 0}, False),
]
"""The steps with which a program ends, and whether finally runs then."""


class Scenes:
    """Makes one scenario of random scenes."""

    def __init__(self, draw: random.Random, *, pools: bool = False) -> None:
        """`pools`: scenes of pools are played, too."""
        self.draw, self.pools = draw, pools
        self.programs: dict[str, Any] = {}
        self.sections: dict[str, dict[str, Any]] = {key: {} for key in SECTIONS}
        self.beside: list[dict[str, Any]] = []
        """Processes of the scenario beside the parent."""
        self._count = 0

    def scenario(self, kinds: Sequence[Scene]) -> dict[str, Any]:
        """Return a scenario of these scenes, one after the other."""
        steps: Steps = []
        for scene in kinds:
            steps += scene(self)
            steps += self._quiet()
        parent = {"name": "parent", "program": [{"cpu": "2ms"}, *steps]}
        return {
            "scheduler": {"policy": "rr", "quantum": "20ms"},
            "stall_timeout": "500ms",
            **{key: section for key, section in self.sections.items() if section},
            "programs": self.programs,
            "processes": [parent, *self.beside],
        }

    # -- parts of scenes

    def name(self, letter: str) -> str:
        """Return a new name."""
        self._count += 1
        return f"{letter}{self._count}"

    def object(self, section: str, value: Any) -> str:
        """Declare a new object. Return its name."""
        name = self.name(section[0])
        self.sections[section][name] = value
        return name

    def child(self, steps: Steps, **keys: Any) -> tuple[str, Steps]:
        """Return the name of a new child, and the steps that start it."""
        name = self.name("c")
        self.programs[name] = {"program": steps}
        return name, [{"start": {"program": name, **keys}}]

    def waiter(self, call: Steps, before: Steps | None = None) -> tuple[str, Steps]:
        """Return a child that waits in `call`, and the steps after which it surely does."""
        there = self.name("e")
        name, start = self.child([*(before or []), {"set_event": there}, *call, {"print": "on"}])
        return name, [*start, {"wait_event": there}, {"io": SURE}]

    def signal(self) -> str:
        """Return a random signal's step."""
        return self.draw.choice(SIGNALS)

    def ended(self, name: str, how: str) -> Steps:
        """Return the steps that end a child by a signal and wait for it."""
        return [{how: name}, {"join": name}, {"observe": name}]

    def looked_at(self, name: str) -> Steps:
        """Return the steps that give a child time, look at it, and end it."""
        join = {"join": {"process": name, "timeout": STUCK}}
        return [join, {"observe": name}, *self.ended(name, "kill")]

    def timed(self) -> Step:
        """Return what makes a call fail that cannot succeed at once."""
        return self.draw.choice([{"timeout": "5ms"}, {"blocking": False}, {"timeout": 0}])

    def _quiet(self) -> Steps:
        steps: Steps = [{"cpu": "3ms"}, {"io": "3ms"}, {"print": self.name("line ")}]
        return self.draw.choices(steps, k=self.draw.randint(0, 1))


def killed_in_get(scenes: Scenes) -> Steps:
    """Return a scene: a process is ended in get(); only an interrupted one frees the queue."""
    kind = scenes.draw.choice(["simple", "queue", {"kind": "joinable", "maxsize": 3}])
    queue = scenes.object("queues", kind)
    first, waits = scenes.waiter([{"receive": queue}])
    into: Any = {"queue": queue, "into": "x"}
    if kind != "simple" and scenes.draw.random() < 0.3:
        into["timeout"] = "20ms"
    second, start = scenes.child([{"receive": into}, {"print": "done"}])
    sent: Steps = [{"send": {"queue": queue, "value": scenes.draw.randint(0, 9)}}]
    steps = [*waits, *scenes.ended(first, scenes.signal())]
    return [*steps, *sent, *start, *scenes.looked_at(second)]


def killed_at_a_barrier(scenes: Scenes) -> Steps:
    """Return a scene: a process is ended at a barrier for two; two others come."""
    barrier = scenes.object("barriers", 2)
    killed, waits = scenes.waiter([{"barrier": barrier}])
    steps = [*waits, *scenes.ended(killed, scenes.signal())]
    timed = {"barrier": barrier, "timeout": "400ms"}
    second, starts = scenes.waiter([{"barrier": scenes.draw.choice([barrier, timed])}])
    third, start = scenes.child([{"barrier": barrier}, {"print": "on"}])
    return [*steps, *starts, *start, *scenes.looked_at(third), *scenes.looked_at(second)]


def broken_barrier(scenes: Scenes) -> Steps:
    """Return a scene: a barrier is broken by a timeout or by abort, and may be reset."""
    barrier = scenes.object("barriers", 3)
    other, waits = scenes.waiter([{"barrier": barrier}])
    breaks: Step = scenes.draw.choice(
        [
            {"barrier": {"barrier": barrier, "timeout": "5ms"}},
            {"abort": barrier},
            {"reset": barrier},
        ]
    )
    after: Steps = [{"barrier": {"barrier": barrier, "timeout": "5ms"}}]
    if scenes.draw.random() < 0.5:
        after = [{"reset": barrier}, *after]
    return [*waits, breaks, {"join": other}, *after]


def lock_left_held(scenes: Scenes) -> Steps:
    """Return a scene: the holder of a lock or a semaphore is ended; no process gives it back."""
    draw = scenes.draw
    if draw.random() < 0.3:
        name = scenes.object("semaphores", draw.choice([1, {"value": 1, "bounded": True}]))
        take, give, again = {"acquire": name}, {"release": name}, {"semaphore": name}
        tried: Step = {"acquire": {**again, **scenes.timed()}}
    else:
        name = scenes.object("locks", draw.choice(["lock", "rlock"]))
        take, give, again = {"lock": name}, {"unlock": name}, {"lock": name}
        tried = {"lock": {**again, **scenes.timed()}}
    holder, waits = scenes.waiter([{"io": "5s"}], before=[take])
    return [*waits, tried, *scenes.ended(holder, scenes.signal()), tried, give, tried]


def waiter_killed(scenes: Scenes) -> Steps:
    """Return a scene: a process that waits for a lock is ended; it takes nothing along."""
    name = scenes.object("locks", scenes.draw.choice(["lock", "rlock"]))
    waiter, waits = scenes.waiter([{"lock": name}])
    how, again = scenes.signal(), {"lock": {"lock": name, **scenes.timed()}}
    return [{"lock": name}, *waits, *scenes.ended(waiter, how), {"unlock": name},
            again, {"unlock": name}, {"unlock": name}]  # fmt: skip


def counted(scenes: Scenes) -> Steps:
    """Return a scene: a semaphore is acquired and released more often than it may be."""
    draw = scenes.draw
    value, bounded = draw.randint(0, 3), draw.random() < 0.5
    name = scenes.object("semaphores", {"value": value, "bounded": bounded})
    steps: Steps = []
    for _ in range(draw.randint(1, 6)):
        tried = {"acquire": {"semaphore": name, **scenes.timed()}}
        steps.append(draw.choice([tried, {"release": name}]))
    return steps


def recursive(scenes: Scenes) -> Steps:
    """Return a scene: a recursive lock is used by its owner and by another process."""
    name = scenes.object("locks", "rlock")
    tried = {"lock": {"lock": name, **scenes.timed()}}
    other, start = scenes.child([tried, {"unlock": name}])
    own: Steps = [{"lock": name}] * scenes.draw.randint(1, 3)
    gives: Steps = [{"unlock": name}] * scenes.draw.randint(1, 4)
    return [*own, *start, {"join": other}, *gives]


def events(scenes: Scenes) -> Steps:
    """Return a scene: an event is waited for before and after it is set, and cleared."""
    event = scenes.name("e")
    killed, waits = scenes.waiter([{"wait_event": event}])
    other, also = scenes.waiter([{"wait_event": event}])
    timed = {"wait_event": {"event": event, "timeout": "5ms"}}
    steps = [timed, *also]
    if scenes.draw.random() < 0.5:  # notify_all of set() waits for the dead: it hangs
        steps += [*waits, *scenes.ended(killed, "interrupt")]
    steps += [{"set_event": event}, {"join": other}, timed]
    return [*steps, {"clear_event": event}, timed]


def set_waits_for_the_dead(scenes: Scenes) -> Steps:
    """Return a scene: the process that sets an event waits for a killed waiter; so does notify."""
    draw = scenes.draw
    if draw.random() < 0.5:
        event = scenes.name("e")
        killed, waits = scenes.waiter([{"wait_event": event}])
        told: Steps = [{"set_event": event}]
    else:
        condition = scenes.object("conditions", {})
        killed, waits = scenes.waiter([{"wait": condition}], before=[{"lock": condition}])
        told = [
            {"lock": condition},
            draw.choice([{"notify": condition}, {"notify_all": condition}]),
        ]
    teller, start = scenes.child([*told, {"print": "told"}])
    return [*waits, *scenes.ended(killed, scenes.signal()), *start, *scenes.looked_at(teller)]


def conditions(scenes: Scenes) -> Steps:
    """Return a scene: a condition is notified with and without its lock, and without a sleeper."""
    lock: Any = scenes.draw.choice([{}, {"lock": scenes.object("locks", "lock")}])
    name = scenes.object("conditions", lock)
    timed = {"wait": {"condition": name, "timeout": "5ms"}}
    waiter, waits = scenes.waiter(
        [{"wait": {"condition": name, "timeout": "5s"}}, {"unlock": name}], before=[{"lock": name}]
    )
    told: Step = scenes.draw.choice([{"notify": name}, {"notify_all": name}])
    alone: Steps = [timed, {"notify": name}, {"lock": name}, {"notify": name}, timed]
    together: Steps = [{"lock": name}, told, {"unlock": name}, {"join": waiter}]
    return [*alone, {"unlock": name}, *waits, *together]


def pipes(scenes: Scenes) -> Steps:
    """Return a scene: a pipe is used in the wrong direction, polled, closed and read to its end."""
    draw = scenes.draw
    pipe = scenes.object("pipes", {"duplex": draw.random() < 0.5})
    ends = [{"pipe": pipe, "end": end} for end in (0, 1)]
    sent = [{"send": {**ends[1], "value": draw.choice([1, "text", [2.5]])}} for _ in range(2)]
    wrong: Step = {"send": {**ends[0], "value": "back"}}
    duplex = scenes.sections["pipes"][pipe]["duplex"]
    answer: Steps = [{"poll": ends[1]}, {"receive": ends[1]}] if duplex else [{"receive": ends[1]}]
    closes: Steps = [{"close_end": ends[1]}, {"close_end": ends[1]}, {"poll": ends[0]}]
    last: Steps = [{"receive": {**ends[0], "into": "x"}}] * 3
    return [*sent, wrong, *answer, *closes, *last, {"close_end": ends[0]}, {"poll": ends[0]}]


def end_of_a_pipe(scenes: Scenes) -> Steps:
    """Return a scene: a child closes its copy of the writing end, or does not."""
    pipe = scenes.object("pipes", {"duplex": False})
    reads, writes = {"pipe": pipe, "end": 0}, {"pipe": pipe, "end": 1}
    own: Steps = [{"close_end": writes}] if scenes.draw.random() < 0.5 else []
    reader, start = scenes.child([*own, {"receive": reads}, {"receive": reads}, {"print": "all"}])
    sent: Step = {"send": {**writes, "value": 1}}
    return [*start, sent, {"close_end": writes}, *scenes.looked_at(reader)]


def bounded(scenes: Scenes) -> Steps:
    """Return a scene: a bounded queue is filled and emptied; a task is done too often."""
    draw = scenes.draw
    most = draw.randint(1, 3)
    queue = scenes.object("queues", {"kind": "joinable", "maxsize": most})
    sent: Steps = [{"send": {"queue": queue, "value": number}} for number in range(most)]
    full: Step = {"send": {"queue": queue, "value": "more", **scenes.timed()}}
    got: Steps = [{"receive": {"queue": queue, "into": "x"}}, {"task_done": queue}] * most
    empty: Step = {"receive": {"queue": queue, "timeout": "5ms"}}
    return [*sent, full, *got, empty, {"join_queue": queue}, {"task_done": queue}]


def more_than_a_pipe_holds(scenes: Scenes) -> Steps:
    """Return a scene: a child sends more than a pipe holds; it is read, or ended and then read."""
    draw = scenes.draw
    queue = scenes.object("queues", draw.choice(["simple", "queue"]))
    long, many = "x" * draw.randint(500, 900), draw.randint(130, 160)
    repeat = {"times": many, "do": [{"send": {"queue": queue, "value": long}}]}
    sender, start = scenes.child([{"repeat": repeat}, {"print": "sent"}])
    first: Steps = [*start, {"join": {"process": sender, "timeout": "150ms"}}, {"observe": sender}]
    if draw.random() < 0.5:
        read = {"repeat": {"times": many, "do": [{"receive": queue}]}}
        return [*first, read, {"join": sender}, {"observe": sender}]
    reader, reads = scenes.child([{"repeat": {"times": many, "do": [{"receive": queue}]}}])
    give = {"join": {"process": reader, "timeout": "150ms"}}
    return [*first, *scenes.ended(sender, "kill"), *reads, give, *scenes.ended(reader, "kill")]


def numbers(scenes: Scenes) -> Steps:
    """Return a scene: shared numbers are read and written, with wrong values and beyond 64 bits."""
    draw = scenes.draw
    lock = draw.random() < 0.7
    value = scenes.object("values", {"value": draw.randint(-5, 5), "lock": lock})
    array = scenes.object("arrays", {"values": [1, 2**63 - 1], "lock": lock})
    item = {"array": array, "index": 1}
    steps: Steps = [
        {"read": {"value": value, "into": "x"}},
        {"write": {"value": value, "from": "x", "plus": 3}},
        {"write": {"value": value, "from": "nothing"}},
        {"add": {**item, "by": 2}},
        {"read": item},
        {"set": {"y": draw.choice([1.5, "text", True, [1]])}},
        {"write": {**item, "from": "y"}},
        {"write": {**item, "from": "y", "plus": 1}},
        {"write": {"value": value, "set": 7}},
    ]
    both = scenes.object("barriers", 2)
    adds: Steps = [{"read": {"value": value, "into": "x"}}, {"barrier": both}]
    adds += [{"barrier": both}, {"write": {"value": value, "from": "x", "plus": 1}}]
    one, start = scenes.child(adds)
    other, starts = scenes.child(adds)
    lost: Steps = [*start, *starts, {"join": one}, {"join": other}, {"read": value}]
    return [*draw.sample(steps, draw.randint(2, len(steps))), {"read": item}, *lost]


def ends(scenes: Scenes) -> Steps:
    """Return a scene: a child ends in one of many ways, with a finally and perhaps a child."""
    end, _ = scenes.draw.choice(ENDS)
    steps: Steps = [{"finally": scenes.name("finally ")}, {"cpu": "2ms"}, end]
    if scenes.draw.random() < 0.5:
        steps = [{"atexit": scenes.name("atexit ")}, *steps]
    if scenes.draw.random() < 0.4:
        inner, start = scenes.child([{"cpu": "2ms"}, {"print": "inner"}])
        steps = [*start, {"join": inner}, *steps]
    name, start = scenes.child(steps)
    return [*start, {"join": name}, {"observe": name}]


def interrupted(scenes: Scenes) -> Steps:
    """Return a scene: a child is ended by a signal in a call of any kind."""
    draw = scenes.draw
    lock = scenes.object("locks", "lock")
    pipe, semaphore = scenes.object("pipes", {}), scenes.object("semaphores", 0)
    calls: list[Step] = [
        {"io": "5s"},
        {"cpu": "2s"},
        {"lock": {"lock": lock, "timeout": "5s"}},
        {"acquire": semaphore},
        {"receive": {"pipe": pipe, "end": 0}},
        {"poll": {"pipe": pipe, "end": 0, "timeout": "5s"}},
        {"wait_event": {"event": scenes.name("e"), "timeout": "5s"}},
    ]
    name, waits = scenes.waiter([draw.choice(calls)], before=[{"finally": "finally"}])
    return [{"lock": lock}, *waits, *scenes.ended(name, scenes.signal())]


def look_after_a_signal(scenes: Scenes) -> Steps:
    """Return a scene: a child that has just been sent a signal still lives."""
    name, waits = scenes.waiter([{"io": "5s"}])
    looks: Steps = [{"observe": name}, {"close": name}]
    if not scenes.pools:  # the workers of a pool have numbers of their own
        looks.append({"active_children": True})
    look = scenes.draw.choice(looks)
    how = scenes.draw.choice(["terminate", "kill"])
    return [*waits, {how: name}, look, {"join": name}, {"observe": name}, {"close": name},
            {"join": name}]  # fmt: skip


def joins(scenes: Scenes) -> Steps:
    """Return a scene: a child is joined with timeouts of all signs, and signalled when dead."""
    name, waits = scenes.waiter([{"io": "5s"}])
    looks: Steps = [{"join": {"process": name, "timeout": each}} for each in (0, "-3ms", "5ms")]
    how = scenes.signal()
    after: Steps = [{scenes.signal(): name}, {"join": {"process": name, "timeout": 0}}]
    return [*waits, *looks, {"observe": name}, *scenes.ended(name, how), *after, {"close": name},
            {scenes.signal(): name}]  # fmt: skip


def orphans(scenes: Scenes) -> Steps:
    """Return a scene: the child of a process that is ended by a signal runs on."""
    there, go, gone = (scenes.name("e") for _ in range(3))
    inner, start = scenes.child([{"set_event": there}, {"wait_event": go}, {"set_event": gone}])
    name, starts = scenes.child([*start, {"io": "5s"}])
    how = scenes.draw.choice(["terminate", "kill"])
    return [*starts, {"wait_event": there}, {"io": SURE}, *scenes.ended(name, how),
            {"observe": inner}, {"set_event": go}, {"wait_event": gone}]  # fmt: skip


def daemons(scenes: Scenes) -> Steps:
    """Return a scene: a child with a daemon ends: the daemon is terminated, others are joined."""
    there = scenes.name("e")
    daemon, start = scenes.child([{"set_event": there}, {"io": "5s"}], daemon=True)
    _, starts = scenes.child([{"cpu": "2ms"}, {"print": "other"}])
    end, _ = scenes.draw.choice(ENDS[:8])
    steps = [*start, *starts, {"wait_event": there}, {"observe": daemon}, end]
    name, begins = scenes.child(steps)
    return [*begins, {"join": name}, {"observe": name}]


Scene = Callable[[Scenes], Steps]

SCENES: list[Scene] = [
    killed_in_get,
    killed_at_a_barrier,
    broken_barrier,
    lock_left_held,
    waiter_killed,
    counted,
    recursive,
    events,
    set_waits_for_the_dead,
    conditions,
    pipes,
    end_of_a_pipe,
    bounded,
    more_than_a_pipe_holds,
    numbers,
    ends,
    interrupted,
    look_after_a_signal,
    joins,
    orphans,
    daemons,
]


def made(seed: str, scenes: int = 3) -> dict[str, Any]:
    """Return the scenario of that seed, as the values that YAML would give."""
    draw = random.Random(f"life {seed}")
    return Scenes(draw).scenario([draw.choice(SCENES) for _ in range(scenes)])
