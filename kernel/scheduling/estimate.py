"""The length of the next CPU burst: known, or estimated from the bursts before it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from kernel.process.control_block import Process
from kernel.scheduling.policy import Policy

Estimate = Annotated[str | dict[str, dict[str, Any]], "estimate"]
"""`oracle`, or {"exponential": {"alpha": 0 to 1, "initial": ns}}."""


class ExpectsBursts(Policy):
    """A policy that goes by the expected length of the next burst, or of the rest of one.

    The exponential average is that of Silberschatz, Galvin, Gagne, Operating System Concepts,
    ch. 5: the next estimate is alpha * last burst + (1 - alpha) * last estimate.
    """

    estimate: Estimate = "oracle"

    def setup(self) -> None:
        super().setup()
        self._alpha = None
        if isinstance(self.estimate, dict):
            given = self.estimate["exponential"]
            self._alpha = Fraction(str(given["alpha"]))
            self._initial = int(given["initial"])

    @property
    def overrides(self) -> frozenset[str]:
        return super().overrides - ({"ran"} if self.estimate == "oracle" else set())

    def expected(self, process: Process) -> int:
        """Return the ns that the current or next burst of `process` is expected still to need."""
        if self._alpha is None:
            return process.left
        estimate = self._initial if process.account is None else process.account
        return max(0, estimate - (process.burst - process.left))

    def ran(self, process: Process, duration: int, why: str) -> None:
        if self._alpha is not None and not process.left:
            old = self._initial if process.account is None else process.account
            new = self._alpha * process.burst + (1 - self._alpha) * old
            process.account = (2 * new.numerator + new.denominator) // (2 * new.denominator)

    def keys(self, process: Process) -> dict[str, Any]:
        return {"remaining_ns" if self._alpha is None else "expected_ns": self.expected(process)}
