"""What native programs say."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from typing import Any

import pytest

from real.native.observations import ObservationFile

pytestmark = pytest.mark.real

OFTEN = 2_000


def talk(observations: ObservationFile, index: int, together: Any) -> None:
    together.wait()
    for number in range(OFTEN):
        observations.say(index, "prints", number)


def test_nothing_is_lost_of_what_two_say_at_once() -> None:
    context = multiprocessing.get_context("fork")
    observations = ObservationFile()
    together = context.Barrier(2)
    talkers = [context.Process(target=talk, args=(observations, at, together)) for at in (0, 1)]
    try:
        for each in talkers:
            each.start()
        for each in talkers:
            each.join()
        assert Counter(each.process for each in observations.said()) == {0: OFTEN, 1: OFTEN}
    finally:
        observations.close()
