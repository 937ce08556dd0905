"""What all lifecycle steps share: they take no time, and the kernel is told of them as calls."""

from __future__ import annotations

from typing import Any, ClassVar

from kernel.process.calls import Call
from language.schema.distributions import Model


class LifecycleStep(Model):
    """A step that takes no time and needs a core."""

    kind: ClassVar[str] = ""

    def count(self) -> int:
        return 1

    def to_call(self) -> Call:
        """What the kernel is told. Of a start without the child's index."""
        return Call(self.kind, getattr(self, self.kind))


def mapping_or_name(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<name>"
