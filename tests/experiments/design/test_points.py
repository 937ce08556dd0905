"""Points: products, pairs, conditions, samples, lists in files, and the limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design.axes import Axes, Points, axis_of
from experiments.design.latin_hypercube import hypercube
from experiments.design.point_file import points_in
from experiments.design.seeds import seed_of
from kernel.errors import UsageError
from language.schema.experiment import flow
from language.source.wording import NOTHING
from tests.experiments.scenarios import planned

VALUES = {"scheduler.policy": ["rr", "srtf"], "machine.cores": ["1", "2", "4"]}


def points(axes: Axes, where: str | None = None, sample: str | None = None) -> Points:
    """At most a thousand points."""
    return axes.points(where, sample, 7, 1000)


def test_all_combinations_the_last_key_fastest() -> None:
    rows = points(Axes(VALUES)).rows
    assert rows[:4] == (("rr", "1"), ("rr", "2"), ("rr", "4"), ("srtf", "1"))
    assert len(rows) == 6


def test_paired_keys_go_together() -> None:
    values = {**VALUES, "seed": ["5", "6"]}
    found = points(Axes(values, [["policy", "seed"]]))
    assert found.keys == ("scheduler.policy", "machine.cores", "seed")
    assert {(row[0], row[2]) for row in found.rows} == {("rr", "5"), ("srtf", "6")}
    assert len(found.rows) == 6


def test_a_condition_leaves_points_out() -> None:
    assert points(Axes(VALUES), "policy = srtf or cores < 2").rows == (
        *(("rr", "1"), ("srtf", "1"), ("srtf", "2"), ("srtf", "4")),
    )


@pytest.mark.parametrize(
    ("paired", "where", "sample", "wrong"),
    [
        ([["policy", "cores"]], None, None, "scheduler.policy has 2, machine.cores has 3"),
        ([["policy", "quantum"]], None, None, "quantum is not varied"),
        ([["policy"], ["policy"]], None, None, "scheduler.policy is in two groups"),
        ([], "cores > 9", None, "leaves no point"),
        ([], "cores >", None, "--where cores >: must have a key or a value"),
        ([], None, "lhs", "--sample lhs: must be lhs:N, with N from 1 to 1,000"),
        ([], None, "lhs:9999", "must be lhs:N"),
    ],
)
def test_a_mistake_says_what_would_be_right(
    paired: list[list[str]], where: str | None, sample: str | None, wrong: str
) -> None:
    with pytest.raises(UsageError) as caught:
        points(Axes(VALUES, paired), where, sample)
    assert wrong in str(caught.value)


def test_a_value_without_a_value_is_passed_on_and_refused_where_it_is_used() -> None:
    assert flow([NOTHING, {"a": NOTHING}]) == "[null, {a: null}]"


def test_a_product_of_a_billion_points_is_refused_without_making_them() -> None:
    values = {f"processes.{at}.count": list(map(str, range(1, 1001))) for at in range(3)}
    with pytest.raises(UsageError, match=r"1,000,000,000 points, more than 1,000 .*--limit points"):
        points(Axes(values))


def test_an_interval_needs_a_sample() -> None:
    key, values = axis_of("scheduler.quantum=interval(5ms,50ms)", 10)
    with pytest.raises(UsageError, match="add --sample lhs:200"):
        points(Axes({key: values}))
    assert len(points(Axes({key: values}), sample="lhs:20").rows) == 20


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**63))
def test_a_latin_hypercube_has_one_point_in_each_stratum(many: int, wide: int, seed: int) -> None:
    rows = list(hypercube(many, wide, seed))
    assert rows == list(hypercube(many, wide, seed))
    for column in zip(*rows, strict=True):
        assert sorted(int(share * many) for share in column) == list(range(many))


def test_a_file_of_points(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("scheduler.policy,machine.cores\nrr,1\n\nsrtf,2\n", encoding="utf-8-sig")
    found = points_in(file, 10)
    assert found == Points(("scheduler.policy", "machine.cores"), (("rr", "1"), ("srtf", "2")))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "has no points"),
        ("a,a\n1,2\n", "p.csv:1: the key a stands there twice"),
        ("a,b\n1\n", "p.csv:2: must have a value for each of the 2 keys"),
        ("a\n1\n2\n1\n", "p.csv:4: is the same point as in line 2"),
        ("a.\n1\n", "p.csv:1: 'a.' is no key"),
        ("a\n1\n2\n3\n4\n", "p.csv:5: the file has more than 3 points (the limit points)"),
        ('a\n"1\n', "is not CSV"),
    ],
)
def test_a_wrong_file_of_points_is_told_with_its_line(
    text: str, wrong: str, tmp_path: Path
) -> None:
    file = tmp_path / "p.csv"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        points_in(file, 3)
    assert wrong in str(caught.value)


def test_a_file_of_points_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        points_in(tmp_path / "none.csv", 3)


def test_the_first_replication_has_the_scenarios_seed_and_the_others_their_own() -> None:
    seeds = [seed_of(42, replication) for replication in range(1, 500)]
    assert seeds[0] == 42
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert seed_of(43, 2) != seed_of(42, 2)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"max": 50}, "--max bounds the replications of --precision"),
        ({"repeat": 5, "precision": "5%"}, "leave --repeat out"),
        ({"repeat": 5, "batches": 10}, "--batches cuts one long run"),
        ({"precision": "5%", "batches": 10}, "which --precision cannot repeat"),
        ({"measure": ["makespan"], "warmup": "1s"}, "is about the whole run"),
        ({"warmup": "5s", "until": "5s"}, "--until must be later"),
        ({"measure": ["turnaroud"]}, "did you mean 'turnaround'?"),
        ({"measure": ["switches.p95"]}, "switches is one number"),
        ({"measure": ["turnaround.p100"]}, ".p1 to .p99"),
        ({"measure": ["makespan of A"]}, "leave 'of A' out"),
        ({"measure": ["share"]}, "say whose share"),
        ({"percentiles": ["101%"]}, "must be a share above 0% and below 100%"),
    ],
)
def test_a_plan_that_cannot_be(asked: dict[str, Any], wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        planned(VALUES, **asked)
    assert wrong in str(caught.value)


def test_nothing_varied_and_too_many_replications_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing is varied"):
        planned({})
    with pytest.raises(UsageError, match="6,000,000 replications, more than 1,000,000"):
        planned(VALUES, repeat=1_000_000)
