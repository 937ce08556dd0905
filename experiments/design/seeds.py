"""The seed of each replication: common random numbers at all points."""

from __future__ import annotations

from hashlib import sha256

from language.schema.scenario import MOST_SEED


def seed_of(seed: int, replication: int) -> int:
    """Return the seed of a replication, which counts from 1, of a scenario with this seed.

    The first replication has the scenario's own seed, so `simulate` shows it. The seed does not
    depend on the point: the draws of a process are the same at all points, as its stream depends on
    the seed and its name alone (`language/schema/random_draws.py`).
    """
    if replication == 1:
        return seed
    digest = sha256(f"replication {replication} of {seed}".encode()).digest()
    return int.from_bytes(digest[:8], "big") & MOST_SEED
