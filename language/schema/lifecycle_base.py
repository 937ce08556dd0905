"""What all lifecycle steps share: they take no time, and the kernel gets them as calls."""

from __future__ import annotations

from typing import Any, ClassVar

from kernel.process.calls import Call
from language.schema.step_model import StepModel


class LifecycleStep(StepModel):
    """A step that takes no time and needs a core."""

    kind: ClassVar[str] = ""

    def to_call(self) -> Call:
        """Return the kernel's call for this step. A start does not have its child's index yet."""
        return Call(self.kind, getattr(self, self.kind))


def mapping_or_name(value: Any) -> str:
    """Return the tag of a value: it is written as a mapping, or only as a name."""
    return "<mapping>" if isinstance(value, dict) else "<name>"
