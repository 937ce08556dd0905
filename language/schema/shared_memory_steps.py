"""The steps with which processes use whole numbers in shared memory: values and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Discriminator, Field, Tag, ValidationInfo, model_validator
from typing_extensions import override

from kernel.process.calls import Call
from language.schema.context import CheckContext, context_of
from language.schema.distributions import Model
from language.schema.lifecycle_base import LifecycleStep
from language.schema.lifecycle_values import INTEGER, ArrayName, Identifier, ValueName
from language.schema.quantities import Read, whole
from language.source.wording import shown
from translation import tr, tr_n

Integer = Annotated[int, INTEGER]


def _memory_form(value: Any) -> str:
    """Return the tag of a place in memory: only a name (of a value), a value or an array."""
    if not isinstance(value, dict):
        return "<name>"
    if "array" in value:
        return "<both>" if "value" in value else "<array>"
    return "<value>"


def _refuse_both(_value: Any, _context: CheckContext) -> Any:
    raise ValueError(tr("has value and array; write one of them"))


class _Item(Model):
    """A number in an array."""

    array: ArrayName
    index: Annotated[int, whole(0, 999)]

    @model_validator(mode="after")
    def _in_range(self, info: ValidationInfo) -> Self:
        length = context_of(info).shared.lengths.get(self.array)
        if length is not None and self.index >= length:
            raise ValueError(
                tr_n(
                    "has index {index}, but {array} has {n} number, counted from 0",
                    "has index {index}, but {array} has {n} numbers, counted from 0",
                    length,
                    index=self.index,
                    array=shown(self.array),
                )
            )
        return self


class ReadValue(Model):
    """A value, and the variable that gets it."""

    value: ValueName
    into: Identifier | None = None


class ReadItem(_Item):
    """A number in an array, and the variable that gets it."""

    into: Identifier | None = None


class ReadStep(LifecycleStep):
    """Read a number in shared memory, and observe it."""

    kind: ClassVar[str] = "read"
    read: Annotated[
        Annotated[ReadValue, Tag("<value>")]
        | Annotated[ReadItem, Tag("<array>")]
        | Annotated[ValueName, Tag("<name>")]
        | Annotated[Any, Read(_refuse_both), Tag("<both>")],
        Discriminator(_memory_form),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.read, str):
            return Call("read", self.read)
        name, options = _place(self.read)
        return Call("read", name, self.read.into, options=options)


class _Written(Model):
    """What is written: a number, or the value of a variable and perhaps something added to it."""

    set: Integer | None = None
    from_: Identifier | None = Field(default=None, alias="from")
    plus: Integer | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.set is None) == (self.from_ is None):
            raise ValueError(
                tr("must have set, like set: 5, or from, like from: x (got neither)")
                if self.set is None
                else tr("must have set, like set: 5, or from, like from: x (got both)")
            )
        if self.plus is not None and self.from_ is None:
            raise ValueError(tr("has plus, which belongs to from, like {from: x, plus: 1}"))
        return self

    def source(self) -> Mapping[str, Any]:
        """Return the call's options that say what is written."""
        if self.from_ is None:
            return {}
        return {"from": self.from_} | ({} if self.plus is None else {"plus": self.plus})


class WriteValue(_Written):
    """A value, and what is written into it."""

    value: ValueName


class WriteItem(_Item, _Written):
    """A number in an array, and what is written into it."""


class WriteStep(LifecycleStep):
    """Write a number into shared memory."""

    kind: ClassVar[str] = "write"
    write: Annotated[
        Annotated[WriteValue, Tag("<value>")]
        | Annotated[WriteItem, Tag("<array>")]
        | Annotated[Any, Read(_refuse_both), Tag("<both>")],
        Discriminator(lambda value: _memory_form(value).replace("<name>", "<value>")),
    ]

    @override
    def to_call(self) -> Call:
        name, options = _place(self.write)
        return Call("write", name, self.write.set, options={**self.write.source(), **options})


class AddToValue(Model):
    """A value, and how much is added to it."""

    value: ValueName
    by: Integer = 1


class AddToItem(_Item):
    """A number in an array, and how much is added to it."""

    by: Integer = 1


class AddStep(LifecycleStep):
    """Add to a number in shared memory, as `n.value += 1` does: it reads, and then it writes."""

    kind: ClassVar[str] = "add"
    add: Annotated[
        Annotated[AddToValue, Tag("<value>")]
        | Annotated[AddToItem, Tag("<array>")]
        | Annotated[ValueName, Tag("<name>")]
        | Annotated[Any, Read(_refuse_both), Tag("<both>")],
        Discriminator(_memory_form),
    ]

    @override
    def to_call(self) -> Call:
        if isinstance(self.add, str):
            return Call("add", self.add, 1)
        name, options = _place(self.add)
        return Call("add", name, self.add.by, options=options)


def _place(place: Model) -> tuple[str, Mapping[str, int]]:
    """Return the name of a value or array, and the option `index` of an array."""
    if isinstance(place, _Item):
        return place.array, {"index": place.index}
    assert isinstance(place, ReadValue | WriteValue | AddToValue)
    return place.value, {}
