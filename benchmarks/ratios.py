"""Check that we are as fast, compared with other simulators, as benchmarks/ratios.json says.

    python -m benchmarks.ratios            compare; exit status 1 if a ratio fell by over a fifth
    python -m benchmarks.ratios --accept   also write what was measured to the file

A ratio says how many times as fast as another simulator ours is, or which share of the rate of bare
timeouts it has. Both are measured in the same run, so the ratio is also valid on other machines. A
simulator that is not installed is not measured, and a line says so. Its ratio in the file is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, show
from benchmarks.peers import cells
from benchmarks.peers import measure as peers

COMMITTED = Path(__file__).with_name("ratios.json")
FALL = 0.8  # the least ratio, as a share of the committed ratio


def measured(absent: list[str]) -> Iterator[tuple[str, float]]:
    """Yield the name and the value of each ratio as soon as it is measured.

    The names of simulators that are not installed are added to `absent`. Raises SystemExit if the
    completions of another simulator are not ours.
    """
    print(cells.HEADING)
    for cell in cells.cells():
        cell.show()
        name = f"{cell.policy}, {cell.alive} alive"
        if not cell.same:
            raise SystemExit(f"loop, {name}: its processes end at other times than ours")
        yield f"over bare timeouts, {name}", cell.over_timeouts
        yield f"over a loop by hand, {name}", cell.over_loop
    print()
    for ratio in peers.measure():
        peers.show(ratio)
        if ratio.same is False:
            raise SystemExit(f"{ratio.name}: its processes end at other times than ours")
        if ratio.times is None:
            absent.append(ratio.name)
        else:
            yield ratio.name, ratio.times


def main() -> int:
    """Return exit status 1 if a ratio has fallen by more than a fifth."""
    options = argparse.ArgumentParser(
        description="Ratios to the others, against the committed ones."
    )
    options.add_argument("--accept", action="store_true", help="commit what is measured")
    accepted = options.parse_args().accept
    absent: list[str] = []
    found = dict(measured(absent))
    committed = json.loads(COMMITTED.read_text())
    if accepted:
        kept = {name: committed[name] for name in absent if name in committed}
        committed = {name: round(ratio, 3) for name, ratio in found.items()} | kept
        COMMITTED.write_text(json.dumps(committed, indent=2) + "\n")
    print()
    figures = [
        Figure(name, found[name], FALL * was, f"{found[name]:.3f} (at least 0.8 of {was})")
        for name, was in committed.items()
        if name in found
    ]
    for name in committed.keys() - found.keys():
        print(f"- {name}: not measured, it is not installed")
    return int(not show(figures))


if __name__ == "__main__":
    sys.exit(main())
