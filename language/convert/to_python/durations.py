"""A duration of a scenario as an expression of an exported program, in seconds."""

from __future__ import annotations

from kernel.units import NS_PER
from language.convert.to_python.code import Code, code, joined
from language.schema.distributions import Amount, Choice, Exponential, Normal, Uniform


def seconds(amount: Amount) -> Code:
    """Return the expression of a duration: its seconds, or the call that draws them."""
    match amount:
        case int():
            return code("{}", amount / NS_PER["s"])
        case Exponential():
            return code("random.expovariate(1 / {})", seconds(amount.exponential))
        case Uniform():
            low, high = map(seconds, amount.uniform)
            return code("random.uniform({}, {})", low, high)
        case Normal():
            mean, deviation = map(seconds, amount.normal)
            return code("max(0, random.gauss({}, {}))", mean, deviation)
        case Choice():
            return code("random.choice([{}])", joined(map(seconds, amount.choice)))
