"""Every mistake of mistakes.txt is told in exactly its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.policies import POLICIES
from tests.language.conftest import Wrong

BLOCKS = Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8").split("----\n")[1:]


def _filled(line: str) -> str:
    owners = [name for name, policy in POLICIES.items() if "quantum" in policy.parameters()]
    return line.replace("<policies>", ", ".join(POLICIES)).replace(
        "<with quantum>", ", ".join(owners)
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: " ".join(block.split())[:60])
def test_a_mistake_is_told_in_one_line_with_its_place(block: str, wrong: Wrong) -> None:
    lines = block.splitlines()
    text = "\n".join(line for line in lines if not line.startswith("=>"))
    told = [_filled(line[3:]) for line in lines if line.startswith("=>")]
    assert [line.removeprefix("f.yaml:").lstrip() for line in wrong(text)] == told


def test_all_mistakes_of_a_file_are_told_at_once_from_top_to_bottom(wrong: Wrong) -> None:
    text = (
        "seed: x\nprocesses:\n- {name: A, cpu: 0}\n- {name: A, cup: 1}\nscheduler: {policy: rrr}\n"
    )
    assert [line.split(": ")[:2] for line in wrong(text)] == [
        ["f.yaml:1:7", "seed"],
        ["f.yaml:3:18", "processes.0.cpu"],
        ["f.yaml:4:10", "processes.1.name"],
        ["f.yaml:4:13", "processes.1.cup"],
        ["f.yaml:5:21", "scheduler.policy"],
    ]
