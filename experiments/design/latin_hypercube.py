"""Latin hypercube samples: in each dimension, one point in each of equally wide strata.

M. D. McKay, R. J. Beckman, W. J. Conover, A Comparison of Three Methods for Selecting Values of
Input Variables, Technometrics 21 (1979) 239-245. The permutations are drawn by `Random.random`
alone, whose numbers Python guarantees for a seed.
"""

from __future__ import annotations

from collections.abc import Iterator

from language.schema.random_draws import Uniform01, stream


def hypercube(points: int, dimensions: int, seed: int) -> Iterator[tuple[float, ...]]:
    """Return so many points of [0, 1) in each dimension, drawn from `seed`."""
    columns = []
    for dimension in range(dimensions):
        random = stream(seed, f"latin hypercube, dimension {dimension}")
        order = _shuffled(points, random)
        columns.append([(stratum + random()) / points for stratum in order])
    return zip(*columns, strict=True)


def _shuffled(many: int, random: Uniform01) -> list[int]:
    """Return the numbers from 0 to many - 1 in random order (Fisher and Yates)."""
    order = list(range(many))
    for at in range(many - 1, 0, -1):
        other = int(random() * (at + 1))
        order[at], order[other] = order[other], order[at]
    return order
