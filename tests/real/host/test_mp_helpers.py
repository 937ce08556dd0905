"""The helper processes of multiprocessing are ended by the process that has started them."""

from __future__ import annotations

import multiprocessing

import pytest

from real.host.mp_helpers import end_helpers, resource_trackers_pid

pytestmark = pytest.mark.real


def test_a_spawned_process_leaves_the_resource_tracker_to_its_parent() -> None:
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=end_helpers)
    child.start()
    child.join()
    assert child.exitcode == 0
    assert resource_trackers_pid() is not None
    end_helpers()
    assert resource_trackers_pid() is None
