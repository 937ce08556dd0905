"""Random durations: a stream of random numbers per process, and inverse transforms of them.

A stream depends only on the seed and the process's name, so the draws of a process do not depend on
other processes. Only `Random.random()` is used: for it Python guarantees the same numbers from the
same seed, which it does not guarantee for the other methods of `random`.

The logarithm of the platform (`math.log`) may differ in its last digits from that of another one.
A draw that such a difference could change is computed with a logarithm that is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import sha256
from random import Random

from kernel.units import LARGEST

Uniform01 = Callable[[], float]
"""A function that returns the next number of a stream, in [0, 1)."""
Draw = Callable[[Uniform01], int]
"""A function that makes a duration (ns, at least 1) from the next number of the stream."""
Logarithm = Callable[[float], float]
_FARTHEST = 10.0  # standard deviations; a normal draw is nearer to its mean
_UNSURE = 2.0**-46
"""The share of a draw by which it may differ between platforms, and more: 64 units in the last
place of a double. Known libraries (glibc, musl, macOS, Windows) differ by one or two."""
_DIGITS = Context(prec=40, rounding=ROUND_HALF_EVEN)


def stream(seed: int, name: str) -> Uniform01:
    """Return the stream of the process `name` in a scenario with this seed."""
    digest = sha256(f"{seed}\0{name}".encode()).digest()
    return Random(int.from_bytes(digest, "big")).random


def exponential(mean: int) -> Draw:
    """Return the draw of an exponential distribution with this mean, ns: -mean * ln(1 - u)."""

    def draw(uniform01: Uniform01) -> int:
        left = 1.0 - uniform01()
        ns = 0.5 - mean * math.log(left)
        found, unsure = int(ns), ns * _UNSURE
        if unsure < ns - found < 1.0 - unsure:
            return found or 1
        return _whole(-mean * exact_log(left))

    return draw


def uniform(low: int, high: int) -> Draw:
    """Return the draw of a whole number of ns from low to high, each equally likely."""
    width = high - low + 1
    return lambda uniform01: max(1, min(high, low + int(uniform01() * width)))


def normal(mean: int, sd: int) -> Draw:
    """Return the draw of a normal distribution, ns. A value below 1 ns becomes 1 ns."""
    unsure = (mean + _FARTHEST * sd) * _UNSURE

    def draw(uniform01: Uniform01) -> int:
        p = uniform01()
        ns = 0.5 + mean + sd * normal_quantile(p)
        found = int(ns)
        if unsure < ns - found < 1.0 - unsure:
            return found or 1
        if ns < 2.0 - unsure:
            return 1
        return _whole(mean + sd * normal_quantile(p, exact_log))

    return draw


def choice(values: Sequence[int]) -> Draw:
    """Return the draw of one of the values, each equally likely."""
    values, many = tuple(values), len(values)
    return lambda uniform01: values[int(uniform01() * many)]


def _whole(ns: float) -> int:
    """Return `ns` rounded to whole ns, at least 1 and at most the largest time of a record."""
    return max(1, int(min(ns, LARGEST) + 0.5))


def exact_log(x: float) -> float:
    """Return the double that is nearest to ln x, the same on every platform.

    It takes fifty times as long as `math.log`: the decimal arithmetic of Python, whose logarithm is
    rounded correctly (General Decimal Arithmetic Specification, version 1.70, "ln").
    """
    return float(_DIGITS.ln(Decimal(x)))


def normal_quantile(p: float, log: Logarithm = math.log) -> float:
    """Return the inverse of the standard normal distribution function, to about seven digits.

    Algorithm AS 241 (PPND7), M. J. Wichura, Applied Statistics 37 (1988) 477-484.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        top = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
        return q * top / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0)
    r = math.sqrt(-log(max(min(p, 1.0 - p), 2.0**-54)))
    if r <= 5.0:
        r -= 1.6
        top = ((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777
        x = top / ((0.12021132975 * r + 0.73700164250) * r + 1.0)
    else:
        r -= 5.0
        top = ((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150
        x = top / ((0.012258202635 * r + 0.24197894225) * r + 1.0)
    return -x if q < 0 else x
