"""Random scenes of pools of workers: tasks that return, raise, are late, or end their worker.

Which worker does a task is a matter of time. So tasks say nothing where there are several workers:
the process of the pool learns from the results what has become of them.
"""

from __future__ import annotations

import random
from typing import Any

from benchmarks.life_scenes import SCENES, SURE, Scene, Scenes, Step, Steps

LATE = "100ms"
"""After this time a task that computes a few milliseconds is done, or never will be."""


def opened(scenes: Scenes, kind: str, workers: int | None = None) -> tuple[str, Steps]:
    """Return the name of a new pool, and the step that opens it."""
    many = workers or scenes.draw.randint(1, 3)
    name = scenes.object("pools", {"workers": many, "kind": kind})
    return name, [{"open_pool": name}]


def task(scenes: Scenes, *steps: Step) -> str:
    """Return the name of a new task, which computes a little first."""
    name = scenes.name("t")
    scenes.programs[name] = {"program": [{"cpu": f"{scenes.draw.randint(2, 8)}ms"}, *steps]}
    return name


def good(scenes: Scenes) -> str:
    """Return a task that returns something."""
    given = scenes.draw.choice([1, -7, 2.5, "text", [1, "two"], True])
    return task(scenes, {"return": given})


def submitted(pool: str, name: str) -> Step:
    """Return the step that hands in a task."""
    return {"submit": {"pool": pool, "task": name}}


def late(name: str) -> Step:
    """Return the step that waits for a result that never comes."""
    return {"get": {"result": name, "timeout": LATE}}


def closed(scenes: Scenes, pool: str) -> Steps:
    """Return the steps that end a pool in which no task is lost, in one of four ways."""
    ways: list[Steps] = [
        [{"close_pool": pool}, {"join_pool": pool}],
        [{"terminate_pool": pool}, {"join_pool": pool}],
        [{"join_pool": pool}, {"close_pool": pool}],  # a ValueError first
        [],  # the end of the process terminates it
    ]
    return scenes.draw.choice(ways)


def results(scenes: Scenes) -> Steps:
    """Return a scene: tasks are handed in, one by one or as a map, and some of them raise."""
    pool, steps = opened(scenes, "pool")
    return [*steps, *_worked(scenes, pool, executor=False), *closed(scenes, pool)]


def futures(scenes: Scenes) -> Steps:
    """Return a scene: the same with an executor, which takes nothing after its shutdown."""
    pool, steps = opened(scenes, "executor")
    more = [submitted(pool, good(scenes))] if scenes.draw.random() < 0.5 else []
    return [*steps, *_worked(scenes, pool, executor=True), {"shutdown": pool}, *more]


def _worked(scenes: Scenes, pool: str, *, executor: bool) -> Steps:
    """Return steps that hand in tasks and ask for the results."""
    draw = scenes.draw
    wrong = task(scenes, {"raise": draw.choice(["ValueError", "KeyError", "OSError"])})
    right = [good(scenes) for _ in range(draw.randint(1, 3))]
    some = draw.sample([*right, wrong], draw.randint(1, len(right) + 1))
    steps: Steps = [submitted(pool, each) for each in some]
    asked: Steps = [{"get": each} for each in draw.sample(some, draw.randint(1, len(some)))]
    tasks = draw.choices([*right, wrong], k=draw.randint(1, 5))
    if executor:  # which tasks behind an error are given up, two threads of the process decide
        tasks = draw.choices(right, k=draw.randint(1, 5))
        tasks += [wrong] if draw.random() < 0.5 else []
    mapped = {"map": {"pool": pool, "tasks": tasks}}
    if draw.random() < 0.4:
        slow = task(scenes, {"io": SURE}, {"return": "late"})
        asked += [submitted(pool, slow), {"get": {"result": slow, "timeout": 0}}, {"get": slow}]
    child, start = scenes.child([{"cpu": "2ms"}, {"print": "beside"}])
    beside: Steps = [*start, {"join": child}] if draw.random() < 0.3 and not executor else []
    return draw.choice([[*steps, *asked, *beside, mapped], [mapped, *beside, *steps, *asked]])


def lost_task(scenes: Scenes) -> Steps:
    """Return a scene: a task ends its worker. The pool replaces it, and the result never comes."""
    draw = scenes.draw
    pool, steps = opened(scenes, "pool")
    end: Step = draw.choice([{"os_exit": 3}, {"os_exit": 0}, {"exit": 4}])
    crash = task(scenes, end)
    right = [good(scenes) for _ in range(draw.randint(1, 3))]
    order = draw.sample([crash, *right], len(right) + 1)
    steps += [submitted(pool, each) for each in order]
    steps += [{"get": each} for each in right]
    steps += [late(crash)]
    return [*steps, *draw.choice([[], [{"terminate_pool": pool}]])]


def broken_executor(scenes: Scenes) -> Steps:
    """Return a scene: a task ends its worker. All that are not done fail, and later ones, too."""
    draw = scenes.draw
    pool, steps = opened(scenes, "executor", draw.randint(2, 3))
    first, crash = good(scenes), task(scenes, {"os_exit": draw.choice([0, 9])})
    long = task(scenes, {"io": "5s"}, {"return": "never"})
    steps += [submitted(pool, first), {"get": first}] if draw.random() < 0.5 else []
    steps += [submitted(pool, long), submitted(pool, crash)]
    steps += [{"get": each} for each in draw.sample([long, crash], 2)]
    steps += [submitted(pool, good(scenes)), {"map": {"pool": pool, "tasks": [first]}}]
    return [*steps, {"shutdown": pool}]


def children_of_workers(scenes: Scenes) -> Steps:
    """Return a scene: a task starts a process. A Pool's workers may not, an executor's may."""
    kind = scenes.draw.choice(["pool", "executor"])
    pool, steps = opened(scenes, kind, 1)
    child, start = scenes.child([{"cpu": "2ms"}, {"print": "born of a task"}])
    joins: Steps = [{"join": child}] if kind == "executor" else []
    parental = task(scenes, *start, *joins, {"return": 1})
    ends = [{"shutdown": pool}] if kind == "executor" else closed(scenes, pool)
    return [*steps, submitted(pool, parental), {"get": parental}, *ends]


def process_of_a_pool_killed(scenes: Scenes) -> Steps:
    """Return a scene: the process that has a pool is ended while its workers work or wait."""
    there, draw = scenes.name("e"), scenes.draw
    pool, steps = opened(scenes, "pool")
    work = task(scenes, {"io": draw.choice(["20ms", "150ms"])}, {"return": 1})
    steps += [submitted(pool, work)] * draw.randint(0, 2)
    owner = scenes.name("owner")
    program = [*steps, {"set_event": there}, {"io": "5s"}]
    scenes.beside.append({"name": owner, "program": program})
    return [{"wait_event": there}, {"io": SURE}, {draw.choice(["terminate", "kill"]): owner}]


def worker_killed(scenes: Scenes) -> Steps:
    """Return a scene: a worker is sent a signal while it has a task, or waits for one.

    Which worker it is, timing decides in a plain program: this is no scene for that.
    """
    draw = scenes.draw
    pool, steps = opened(scenes, "pool", draw.randint(1, 2))
    many = scenes.sections["pools"][pool]["workers"]
    victim = f"{pool}/{draw.randint(1, many)}"
    quick, slow = good(scenes), task(scenes, {"io": "150ms"}, {"return": "slow"})
    before: Steps = [submitted(pool, slow)] if draw.random() < 0.5 else []
    steps += [*before, {"io": SURE}, {draw.choice(["terminate", "kill"]): victim}, {"io": "20ms"}]
    steps += [submitted(pool, quick), {"get": {"result": quick, "timeout": "300ms"}}]
    steps += [{"get": {"result": slow, "timeout": "300ms"}}] if before else []
    return [*steps, draw.choice([{"os_exit": 0}, {"terminate_pool": pool}])]


def worker_of_an_executor_killed(scenes: Scenes) -> Steps:
    """Return a scene: a worker of an executor is sent a signal while it works or waits."""
    draw = scenes.draw
    pool, steps = opened(scenes, "executor", draw.randint(1, 3))
    many = scenes.sections["pools"][pool]["workers"]
    victim = f"{pool}/{draw.randint(1, many)}"
    first, slow = good(scenes), task(scenes, {"io": "150ms"}, {"return": "slow"})
    steps += [submitted(pool, first), {"get": first}]
    steps += [submitted(pool, slow)] if draw.random() < 0.6 else []
    steps += [{"io": SURE}, {draw.choice(["terminate", "kill"]): victim}, {"io": "20ms"}]
    steps += [{"get": slow}] if len(steps) > 6 else []
    return [*steps, submitted(pool, first), {"shutdown": pool}]


POOL_SCENES: list[Scene] = [
    results,
    futures,
    lost_task,
    broken_executor,
    children_of_workers,
    process_of_a_pool_killed,
]


def made(seed: str) -> dict[str, Any]:
    """Return the scenario of that seed: scenes of pools, and others before or behind them."""
    draw = random.Random(f"pools {seed}")
    kinds = [draw.choice(POOL_SCENES), draw.choice([*POOL_SCENES, *SCENES])]
    return Scenes(draw, pools=True).scenario(draw.sample(kinds, 2))


def made_with_signals(seed: str) -> dict[str, Any]:
    """Return the scenario of that seed in which a worker is sent a signal. It is not exported."""
    draw = random.Random(f"workers {seed}")
    last = draw.choice([worker_killed, worker_of_an_executor_killed])
    before = draw.choices(SCENES, k=draw.randint(0, 1))
    return Scenes(draw, pools=True).scenario([*before, last])
