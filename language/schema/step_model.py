"""What all steps of a program share."""

from __future__ import annotations

from language.schema.distributions import Model


class StepModel(Model):
    """A step of a program."""

    def count(self) -> int:
        """Return the number of steps with every repetition written out."""
        return 1
