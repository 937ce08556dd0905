"""The quantile of Student's t distribution, and what it needs.

The distribution function is the regularised incomplete beta function, by its continued fraction
(Abramowitz and Stegun, Handbook of Mathematical Functions, 26.5.8 and 26.7.1, evaluated by the
method of Lentz). Newton's method finds the quantile (26.7.5 gives the first guess).
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_TINY = 1e-300
_CLOSE = 1e-15


@lru_cache(maxsize=4096)
def t_quantile(p: float, degrees: float) -> float:
    """Return the value that t with so many degrees of freedom does not exceed with probability p.

    p lies between 0 and 1, both left out. Right to about twelve digits.
    """
    if not 0 < p < 1 or degrees <= 0:
        raise ValueError(f"needs 0 < p < 1 and degrees above 0 (got {p}, {degrees})")
    if p < 0.5:
        return -t_quantile(1 - p, degrees)
    if p == 0.5:
        return 0.0
    if degrees == 1:
        return math.tan(math.pi * (p - 0.5))
    if degrees == 2:
        return (2 * p - 1) * math.sqrt(2 / (4 * p * (1 - p)))
    t = _first_guess(p, degrees)
    for _ in range(50):
        step = (_tail(t, degrees) - (1 - p)) / _density(t, degrees)
        t = max(t / 2, t + step)
        if abs(step) <= 1e-13 * t:
            break
    return t


def _first_guess(p: float, degrees: float) -> float:
    """Return the first terms of the expansion by the normal quantile (Abramowitz and Stegun)."""
    z = NormalDist().inv_cdf(p)
    first = (z**3 + z) / (4 * degrees)
    return z + first + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def _tail(t: float, degrees: float) -> float:
    """Return the probability of a value above t, for t above 0."""
    return beta_share(degrees / (degrees + t * t), degrees / 2, 0.5) / 2


def _density(t: float, degrees: float) -> float:
    logarithm = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)
    spread = -(degrees + 1) / 2 * math.log1p(t * t / degrees)
    return math.exp(logarithm + spread) / math.sqrt(degrees * math.pi)


def beta_share(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    )
    return front / a / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction 1 + d1/(1 + d2/(1 + ...)) of I_x(a, b)."""
    value, c, d = 1.0, 1.0, 0.0
    for i in range(1, 10_000):
        m = i // 2
        if i % 2:
            step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + step * d) or _TINY)
        c = (1 + step / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value
