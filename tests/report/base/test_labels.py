"""Labels: one character for each process, as much like its name as can be."""

from __future__ import annotations

import pytest

from report.base.labels import Labels


@pytest.mark.parametrize(
    ("names", "characters"),
    [
        (["A", "B", "C"], "ABC"),
        (["P1", "P2", "P3"], "123"),
        (["editor", "compiler"], "EC"),
        (["one", "other"], "AB"),
        (["editor"], "E"),
        (["parent", "D", "c1", "c2"], "ADBC"),
        (["D", "disk", "editor"], "DAB"),
        (["d", "one", "two"], "dOT"),
        (["P1", "P2", "1"], "AB1"),
        (["é", "A"], "BA"),
        (["a", "b"], "ab"),
        ([f"job-{i}" for i in range(1, 28)], "ABCDEFGHIJKLMNOPQRSTUVWXYZa"),
        ([], ""),
    ],
)
def test_labels_follow_the_names(names: list[str], characters: str) -> None:
    assert "".join(Labels(names).characters) == characters


def test_lower_case_means_partial_only_where_no_label_is_lower_case() -> None:
    assert Labels(["A", "B"]).label(0, partial=True) == "a"
    assert Labels(["A", "b"]).label(0, partial=True) == "A"


def test_labels_repeat_after_sixty_two() -> None:
    labels = Labels([f"job-{i}" for i in range(63)])

    assert labels.repeat
    assert labels.label(62) == labels.label(0)
