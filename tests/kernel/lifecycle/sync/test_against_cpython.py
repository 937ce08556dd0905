"""The rules answer as the real objects of multiprocessing do, call by call, with kills."""

from __future__ import annotations

import random

import pytest

from tests.effort import EFFORT
from tests.kernel.lifecycle.sync import cpython, model
from tests.kernel.lifecycle.sync.cpython import KILL, Command

ACTORS = 3
FAMILIES: dict[str, list[tuple[str, str]]] = {
    "locks": [
        *(("lock", name) for name in "LRSB"),
        *(("unlock", name) for name in "LRSB"),
        ("try", "L"),
        ("try", "R"),
    ],
    "conditions": [
        *((what, name) for what in ("lock", "unlock", "wait", "notify_all") for name in "CM"),
        ("notify", "C"),
        ("try", "L"),
    ],
    "events": [("set", "E"), ("clear", "E"), ("wait_event", "E"), ("look", "E")],
    "barriers": [
        *((what, name) for what in ("meet", "meet", "abort", "reset") for name in "WV"),
    ],
    "queues": [
        *((what, name) for what in ("put", "get") for name in "qQ"),
        ("put_now", "Q"),
        ("get_now", "Q"),
    ],
    "joinable queues": [("put", "J"), ("get", "J"), ("task_done", "J"), ("join_queue", "J")],
    "pipes": [
        *((what, name) for what in ("send", "receive", "close") for name in ("P0", "P1")),
        ("poll", "P0"),
    ],
    "duplex pipes": [
        *((what, name) for what in ("send", "receive", "close") for name in ("D0", "D1")),
        ("poll", "D0"),
    ],
    "values": [("add", "N"), ("read", "N"), ("lock", "N"), ("unlock", "N")],
}


def drawn(family: str, seed: int) -> list[Command]:
    """Return a random program. At each end of a pipe only one actor reads: else they race."""
    rng = random.Random(seed)
    commands: list[Command] = []
    for _ in range(rng.randint(5, 14)):
        actor = rng.randrange(ACTORS)
        what, name = (KILL, "") if rng.random() < 0.1 else rng.choice(FAMILIES[family])
        if what == "receive":
            actor = int(name[1])
        commands.append((actor, what, name))
    return commands


@pytest.mark.parametrize("family", FAMILIES)
def test_random_programs(family: str) -> None:
    for seed in range(max(1, round(2 * EFFORT))):
        commands = drawn(family, seed)
        expected = cpython.answers_of(commands, ACTORS)
        assert model.answers_of(commands, ACTORS) == expected, (seed, commands)


def test_what_a_socket_pair_holds() -> None:
    commands = [(0, "send", "D0")] * 60
    assert model.answers_of(commands, 1) == cpython.answers_of(commands, 1)


def test_what_a_pipe_holds() -> None:
    commands = [(0, "send", "P1")] * 18
    assert model.answers_of(commands, 1) == cpython.answers_of(commands, 1)
