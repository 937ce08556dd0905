"""Durations and sizes: exact, both ways, and refused in words that help."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.units import (
    BYTES_PER,
    LARGEST,
    NS_PER,
    format_duration,
    format_size,
    ms,
    parse_duration,
    parse_size,
    seconds,
    us,
)


@given(st.integers(-LARGEST, LARGEST))
def test_a_formatted_duration_is_read_back_exactly(ns: int) -> None:
    assert parse_duration(format_duration(ns)) == ns


@given(st.integers(0, LARGEST))
def test_a_formatted_size_is_read_back_exactly(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.integers(0, 10**6), st.sampled_from(list(NS_PER)))
def test_every_unit_means_what_it_says(count: int, unit: str) -> None:
    assert parse_duration(f"{count}{unit}") == count * NS_PER[unit]


@given(st.integers(0, 4 * 10**9), st.integers(0, 9))
def test_decimals_are_exact(count: int, decimals: int) -> None:
    whole, rest = divmod(count, 10**decimals)
    text = f"{whole}.{rest:0{decimals}}" if decimals else str(whole)
    assert parse_duration(f"{text}s") == count * 10 ** (9 - decimals)


@pytest.mark.parametrize(
    ("written", "ns"),
    [
        ("20ms", 20_000_000),
        ("250us", 250_000),
        ("250µs", 250_000),
        ("1.5s", 1_500_000_000),
        ("2min", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("7ns", 7),
        (" 3 ms ", 3_000_000),
        (".5ms", 500_000),
        ("1.ms", 1_000_000),
        ("1e3us", 1_000_000),
        ("-3ms", -3_000_000),
        ("+3ms", 3_000_000),
        (1.1, 1_100_000),
        (0.1, 100_000),
        ("0", 0),
        ("0.4ns", 0),
        ("0.5ns", 1),
        ("2.5ns", 3),
    ],
)
def test_what_a_duration_may_look_like(written: object, ns: int) -> None:
    assert parse_duration(written) == ns


def test_a_bare_number_counts_the_scenarios_time_unit() -> None:
    assert parse_duration(3, time_unit=us(5)) == us(15)
    assert parse_duration("3", time_unit=us(5)) == us(15)


def test_a_unit_overrides_the_scenarios_time_unit() -> None:
    assert parse_duration("3ms", time_unit=us(5)) == ms(3)


@pytest.mark.parametrize(
    ("written", "size"),
    [("64MiB", 64 << 20), ("64MB", 64_000_000), (4096, 4096), ("1.5KiB", 1536), ("1kB", 1000)],
)
def test_what_a_size_may_look_like(written: object, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    "written", ["", "ms", "20 m s", "1,5ms", "--3ms", "1e9999ms", "nan", "inf", "0x10", "1_000"]
)
def test_what_is_no_duration_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match=r"must be a duration like 20ms, 250us or 1\.5s"):
        parse_duration(written)


@pytest.mark.parametrize("value", [None, True, [], {}, float("nan"), float("inf")])
def test_what_is_no_number_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ValueError, match=r"must be a duration like 20ms.*\(got"):
        parse_duration(value)


def test_an_unknown_unit_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"the unit 'msec'; known: ns, us, .*min, h"):
        parse_duration("20msec")


def test_an_unknown_unit_of_size_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"the unit 'mb'; known: B, kB, .*TiB"):
        parse_size("64mb")


@pytest.mark.parametrize("written", ["1e300s", "147000000h", LARGEST + 1])
def test_what_does_not_fit_the_record_is_too_large(written: object) -> None:
    with pytest.raises(ValueError, match="too large"):
        parse_duration(written, time_unit=1)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (0, "0"),
        (1, "1ns"),
        (999, "999ns"),
        (1_000, "1us"),
        (1_500, "1.5us"),
        (20_000_000, "20ms"),
        (1_234_567, "1234.567us"),
        (1_500_000_000, "1.5s"),
        (90_000_000_000, "90s"),
        (-1_500_000, "-1.5ms"),
    ],
)
def test_a_duration_is_written_in_the_largest_unit_with_at_most_three_decimals(
    ns: int, text: str
) -> None:
    assert format_duration(ns) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0B"), (5, "5B"), (4096, "4KiB"), (64 << 20, "64MiB"), (64_000_000, "62500KiB")],
)
def test_a_size_is_written_in_the_largest_unit_that_divides_it(size: int, text: str) -> None:
    assert format_size(size) == text


def test_the_short_names_count_in_their_unit() -> None:
    assert (us(3), ms(3), seconds(3)) == (3_000, 3_000_000, 3_000_000_000)
    assert BYTES_PER["KiB"] == 1024
