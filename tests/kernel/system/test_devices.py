"""Devices: so many servers, one line in front of them."""

from __future__ import annotations

from kernel.system.devices import DeviceQueue
from tests.kernel.hand import process

A, B, C = (process(index) for index in range(3))


def test_a_free_device_serves_at_once() -> None:
    assert DeviceQueue(1).request(A, 5)


def test_a_busy_device_lets_the_next_one_wait() -> None:
    device = DeviceQueue(1)
    device.request(A, 5)
    assert not device.request(B, 7)


def test_a_device_serves_as_many_at_a_time_as_it_has_units() -> None:
    device = DeviceQueue(2)
    assert [device.request(who, 5) for who in (A, B, C)] == [True, True, False]


def test_the_line_is_served_first_come_first_served() -> None:
    device = DeviceQueue(1)
    for who, duration in ((A, 5), (B, 7), (C, 6)):
        device.request(who, duration)
    assert [device.release(), device.release(), device.release()] == [(B, 7), (C, 6), None]


def test_a_device_without_a_line_becomes_free() -> None:
    device = DeviceQueue(1)
    device.request(A, 5)
    device.release()
    assert device.request(B, 7)


def test_an_unlimited_device_never_lets_anybody_wait() -> None:
    device = DeviceQueue(None)
    assert all(device.request(who, 5) for who in (A, B, C))
    assert device.release() is None
