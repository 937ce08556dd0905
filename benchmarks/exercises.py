"""Prove all exercises that ship, or those that are named: see teaching/proof.py.

python -m benchmarks.exercises [--variants 200] [--table] [FILE...]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from teaching.proof import Proof, prove

FOLDER = Path(__file__).parent.parent / "scenarios" / "exercises"
MOST_DRAWS = 20
"""Draws for each different variant that is wanted, after which there are too few."""


def main() -> int:
    """Prove the exercises that are named, or all. Return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--variants", type=int, default=200, help="so many different ones")
    parser.add_argument("--table", action="store_true", help="print rows of a Markdown table")
    asked = parser.parse_args()
    files = asked.files or sorted(FOLDER.glob("*.yaml"))
    many = len(files)
    seeds = range(MOST_DRAWS * asked.variants)
    proofs = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for proof in pool.map(prove, files, [seeds] * many, [asked.variants] * many):
            if proof.distinct < asked.variants:
                proof.failures.append(f"has only {proof.distinct} different variants")
            print(row(proof) if asked.table else proof, flush=True)
            proofs.append(proof)
    print(summary(proofs))
    return int(not all(proof.holds for proof in proofs))


def row(proof: Proof) -> str:
    """Return what was found of an exercise as a row of a Markdown table."""
    cells = [f"`{proof.name}`", str(proof.distinct), str(len(proof.applicable))]
    cells += [f"{proof.applicable.total():,}", f"{100 * proof.share:.1f} %", _missed(proof)]
    return f"| {' | '.join(cells)} |"


def _missed(proof: Proof) -> str:
    missed = {
        name: many - proof.diagnosed[name]
        for name, many in proof.applicable.items()
        if many > proof.diagnosed[name]
    }
    said = [f"`{name}` {many}" for name, many in missed.items()]
    return "; ".join([*said, *proof.failures])


def summary(proofs: Sequence[Proof]) -> str:
    """Return what was found of all exercises together, in one line."""
    applicable: Counter[str] = sum((proof.applicable for proof in proofs), Counter())
    diagnosed: Counter[str] = sum((proof.diagnosed for proof in proofs), Counter())
    many = applicable.total()
    share = 100 * diagnosed.total() / many if many else 100.0
    failed = sum(not proof.holds for proof in proofs)
    return (
        f"{len(proofs)} exercises, {many:,} wrong answers by {len(applicable)} misconceptions, "
        f"{share:.2f} % diagnosed; {failed} exercises failed"
    )


if __name__ == "__main__":
    sys.exit(main())
