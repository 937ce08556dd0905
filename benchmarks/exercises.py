"""Prove all exercises that ship, or those that are named: see teaching/proof.py.

python -m benchmarks.exercises [--variants 200] [FILE...]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from teaching.proof import prove

FOLDER = Path(__file__).parent.parent / "scenarios" / "exercises"


def main() -> int:
    """Prove the exercises that are named, or all. Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--variants", type=int, default=200)
    asked = parser.parse_args()
    files = asked.files or sorted(FOLDER.glob("*.yaml"))
    failed = 0
    applicable: Counter[str] = Counter()
    diagnosed: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for proof in pool.map(prove, files, [range(asked.variants)] * len(files)):
            print(proof, flush=True)
            failed += not proof.holds
            applicable += proof.applicable
            diagnosed += proof.diagnosed
    many = applicable.total()
    share = 100 * diagnosed.total() / many if many else 100.0
    print(
        f"{len(files)} exercises, {many:,} wrong answers by {len(applicable)} misconceptions, ",
        end="",
    )
    print(f"{share:.2f} % diagnosed; {failed} exercises failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
