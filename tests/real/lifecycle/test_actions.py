"""How many calls were made, and how long they took."""

from __future__ import annotations

from real.lifecycle.actions import CallTimes


def test_times_of_no_start_have_no_median() -> None:
    assert CallTimes(calls=2, took=7).describe() == {
        "count": 2,
        "took_ns": 7,
        "starts": 0,
        "start_p50_ns": None,
    }
