"""What all lifecycle steps share: they take no time, and the kernel is told of them as calls."""

from __future__ import annotations

from typing import Any, ClassVar

from kernel.process.calls import Call
from language.schema.step_model import StepModel


class LifecycleStep(StepModel):
    """A step that takes no time and needs a core."""

    kind: ClassVar[str] = ""

    def to_call(self) -> Call:
        """Return the call as the kernel has it; that of a start lacks the child's index."""
        return Call(self.kind, getattr(self, self.kind))


def mapping_or_name(value: Any) -> str:
    """Return the tag of a value that is written as a mapping, or as a name alone."""
    return "<mapping>" if isinstance(value, dict) else "<name>"
