"""Devices: a number of servers, one queue in front of them."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.memory.swapping import Transfer
from kernel.process.program import WAIT
from kernel.system.devices import DeviceQueue, make_devices
from tests.kernel.hand import process

A, B, C = (process(index) for index in range(3))


class Served:
    """Hardware that notes which services have started."""

    def __init__(self) -> None:
        self.started: list[Any] = []

    def serve(self, process: Any, place: int, duration: int) -> None:
        self.started.append((process, duration))

    def transfer(self, transfer: Any, place: int, duration: int) -> None:
        self.started.append((transfer, duration))


@pytest.fixture
def served() -> Served:
    return Served()


def device(units: int | None, served: Any) -> DeviceQueue:
    return DeviceQueue(0, units, served)


def test_an_idle_device_serves_at_once(served: Served) -> None:
    device(1, served).serve(A, 5)
    assert served.started == [(A, 5)]


def test_a_busy_device_lets_the_next_process_wait(served: Served) -> None:
    disk = device(1, served)
    disk.serve(A, 5)
    disk.serve(B, 7)
    assert served.started == [(A, 5)]


def test_a_device_serves_as_many_at_a_time_as_it_has_units(served: Served) -> None:
    disk = device(2, served)
    for each in (A, B, C):
        disk.serve(each, 5)
    assert served.started == [(A, 5), (B, 5)]


def test_the_queue_is_served_first_come_first_served(served: Served) -> None:
    disk, out = device(1, served), Transfer(C, out=True)
    disk.serve(A, 5)
    disk.serve(B, 7)
    disk.transfer(out, 6)
    for _ in range(3):
        disk.release()
    assert served.started == [(A, 5), (B, 7), (out, 6)]


def test_a_device_without_a_queue_becomes_idle(served: Served) -> None:
    disk = device(1, served)
    disk.serve(A, 5)
    disk.release()
    disk.serve(B, 7)
    assert served.started == [(A, 5), (B, 7)]


def test_an_unlimited_device_lets_no_process_wait(served: Served) -> None:
    disk = device(None, served)
    for each in (A, B, C):
        disk.serve(each, 5)
    disk.release()
    assert served.started == [(A, 5), (B, 5), (C, 5)]


def test_a_dead_process_is_served_no_more(served: Served) -> None:
    disk = device(1, served)
    for each in (A, B, C):
        disk.serve(each, 5)
    disk.withdraw(B)
    disk.release()
    assert served.started == [(A, 5), (C, 5)]


def test_a_wait_that_never_queues_is_a_device_of_its_own(served: Any) -> None:
    devices = make_devices((), served, lambda process: process.priority)
    devices[WAIT].serve(A, 5)
    devices[WAIT].serve(B, 5)
    assert served.started == [(A, 5), (B, 5)]
