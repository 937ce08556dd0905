"""What programs that nobody dispatches share."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from language import load
from real.native.shared_objects import SharedObjects

pytestmark = pytest.mark.real

SAYS = """
scheduler: {policy: fair, dispatch: none}
processes:
  - {name: A, program: [{print: something}]}
  - {name: B, program: [{print: something}]}
"""
OFTEN = 2_000


def talk(shared_objects: SharedObjects, who: int, together: Any) -> None:
    together.wait()
    for number in range(OFTEN):
        shared_objects.say(who, "prints", number)


def test_nothing_is_lost_of_what_two_say_at_once(tmp_path: Path) -> None:
    file = tmp_path / "says.yaml"
    file.write_text(SAYS)
    context = multiprocessing.get_context("fork")
    shared_objects = SharedObjects(load(file).workload, context)
    together = context.Barrier(2)
    talkers = [context.Process(target=talk, args=(shared_objects, who, together)) for who in (0, 1)]
    try:
        for each in talkers:
            each.start()
        for each in talkers:
            each.join()
        assert Counter(who for _, who, _, _ in shared_objects.said()) == {0: OFTEN, 1: OFTEN}
    finally:
        shared_objects.close()
