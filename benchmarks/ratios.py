"""Are we still as fast beside the others as when benchmarks/ratios.json was committed?

    python -m benchmarks.ratios            compare; exit status 1 if one fell by more than a fifth
    python -m benchmarks.ratios --accept   and write what was measured; of who is absent, as it was

Each ratio says how many times as fast as another simulator ours is, or what part of the rate of
bare timeouts, in the same run: so it holds on other machines, too. One that is not installed is
left out, and said.
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
FALL = 0.8  # of the committed ratio is the least


def measured(absent: list[str]) -> Iterator[tuple[str, float]]:
    """Name and ratio, each as soon as it is there. Who is not installed goes into `absent`."""
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
    """Exit status 1 if a ratio has fallen by more than a fifth."""
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
