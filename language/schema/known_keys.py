"""The keys that each mapping of a scenario may have, and the places at which a key may stand."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from kernel.policies import POLICIES
from language.schema.assignment import Assignment, AssignmentLimits, Check
from language.schema.estimates import Average, Estimated
from language.schema.exercise import (
    Alternative,
    Choice,
    Exercise,
    PolicyQuestion,
    Question,
    Require,
)
from language.schema.expectations import LATENCIES, Bounds, Expect, Means
from language.schema.experiment import Experiment
from language.schema.groups import GroupSection
from language.schema.lock_steps import Acquired, Counted
from language.schema.machine import CostsSection, DeviceSection, MachineSection, ServersFrom
from language.schema.memory import MemorySection
from language.schema.message_steps import PipeEnd, PipePoll, PipeReceive, PipeSend, Receive, Send
from language.schema.pool_steps import Got, Mapped, Submitted
from language.schema.process import Every, ProcessEntry, Template
from language.schema.process_object_steps import Called, Join, Observe, Start
from language.schema.quantities import Read
from language.schema.scenario import Scenario, Scheduler
from language.schema.shared_memory_steps import (
    AddToItem,
    AddToValue,
    ReadItem,
    ReadValue,
    WriteItem,
    WriteValue,
)
from language.schema.shared_objects import (
    ArraySection,
    ConditionSection,
    LockSection,
    PipeSection,
    PoolSection,
    QueueSection,
    SemaphoreSection,
    ValueSection,
)
from language.schema.signalling_steps import AwaitedEvent, Met, Notified, Waited
from language.schema.steps import STEPS, Repetition
from language.schema.swapping import Swap
from language.source.wording import KeyPath, did_you_mean, unknown
from translation import tr

Models = Mapping[str, type[BaseModel] | tuple[type[BaseModel], ...]]
"""The models of a mapping, by the last key of the path to it. A model has the known keys."""

MODELS: Models = {
    "": Scenario,
    "machine": MachineSection,
    "costs": CostsSection,
    "memory": MemorySection,
    "estimate": Estimated,
    "exponential": Average,
    "processes": ProcessEntry,
    "arrival": Every,
    "swap": Swap,
    "changes": ServersFrom,
    "repeat": Repetition,
    "expect": Expect,
    "assignment": Assignment,
    "checks": Check,
    "limits": AssignmentLimits,
    "exercise": Exercise,
    "ask": Question,
    "policy": PolicyQuestion,
    "choice": Choice,
    "of": Alternative,
    "when": Expect,
    "require": Require,
    "mean": Means,
    "experiment": Experiment,
    "programs": Template,
    "start": Start,
    "join": Join,
    "call": Called,
    "observe": Observe,
    "lock": Acquired,
    "acquire": Counted,
    "wait_event": AwaitedEvent,
    "wait": Waited,
    "notify": Notified,
    "barrier": Met,
    "send": (Send, PipeSend),
    "receive": (Receive, PipeReceive),
    "poll": PipePoll,
    "submit": Submitted,
    "map": Mapped,
    "get": Got,
    "close_end": PipeEnd,
    "read": (ReadValue, ReadItem),
    "write": (WriteValue, WriteItem),
    "add": (AddToValue, AddToItem),
}

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "devices": DeviceSection,
    "programs": Template,
    "locks": LockSection,
    "semaphores": SemaphoreSection,
    "conditions": ConditionSection,
    "queues": QueueSection,
    "pipes": PipeSection,
    "pools": PoolSection,
    "values": ValueSection,
    "arrays": ArraySection,
    "groups": GroupSection,
}
"""The model of a mapping below a name that the scenario gives, by the key above that name."""

ALSO_CALLED: Mapping[str, str] = {
    "burst": "cpu",
    "cpu_burst": "cpu",
    "burst_time": "cpu",
    "service": "cpu",
    "service_time": "cpu",
    "wcet": "cpu",
    "duration": "cpu",
    "timeslice": "quantum",
    "time_slice": "quantum",
    "time_quantum": "quantum",
    "algorithm": "policy",
    "context_switch": "switch",
    "jobs": "processes",
    "tasks": "processes",
    "ram": "memory",
    "size": "memory",
    "cpus": "cores",
    "affinity": "cores",
    "name": "title",
    "description": "about",
    "servers": "units",
}
"""The key of the language for words of textbooks and of other tools, where no key has this name."""
OF_TEACHERS = ("exercise", "assignment", "experiment")
MOST_PLACES = 2
"""Places of a key that a message names."""


def known_keys(path: KeyPath, models: Models) -> list[str]:
    """Return the keys that are allowed in the mapping of the last key of `path`."""
    above = [part for part in path[:-1] if isinstance(part, str)]
    if above[-2:-1] and above[-2] in LATENCIES:
        return list(Bounds.model_fields)
    found = models.get(above[-1] if above else "", ())
    if len(above) > 1 and above[-2] in _SECTIONS:
        found = _SECTIONS[above[-2]]
    known: dict[str, None] = {}
    for model in _several(found):
        known.update(dict.fromkeys(_keys_of(model)))
    return list(known)


def _keys_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """Return the keys of a model that a user may write, each with the type of its value."""
    return {
        field.alias or name: field.annotation
        for name, field in model.model_fields.items()
        if not any(isinstance(each, Read) and each.schema is None for each in field.metadata)
    }


def unknown_key(word: str, known: Sequence[str], models: Models = MODELS) -> str:
    """Return the message for a key that is not among the `known` ones of its mapping.

    It names the key of the language that means the same, or the places where the key belongs.
    """
    if models is not MODELS:
        return unknown(tr("key"), word, known)
    meant = ALSO_CALLED.get(word, word)
    if meant in known:
        return did_you_mean(tr("key"), word, meant)
    steps = [f"processes.N.program.N.{meant}"] if meant in STEPS and "program" in known else []
    return unknown(tr("key"), word, known, [*steps, *places(meant)][:MOST_PLACES])


def places(key: str) -> list[str]:
    """Return the first paths at which a key may stand, those of fewest keys first.

    NAME is any name that the scenario gives, N the number of an entry of a list. The parts of a
    scenario that only teachers write are named for keys that stand nowhere else.
    """
    found = list(dict.fromkeys(path for each, path in _placed() if each == key))
    common = [path for path in found if path.partition(".")[0] not in OF_TEACHERS]
    return [
        path if "." in path else tr("{key} at the top level", key=path)
        for path in (common or found)[:MOST_PLACES]
    ]


def _placed() -> Iterator[tuple[str, str]]:
    """Yield each key of the language with a path at which it may stand. Each model comes once."""
    waiting: list[tuple[str, type[BaseModel]]] = [("", Scenario)]
    seen: set[type[BaseModel]] = set()
    while waiting:
        above, model = waiting.pop(0)
        if model in seen:
            continue
        seen.add(model)
        keys = sorted(_keys_of(model).items(), key=lambda each: each[0] == "programs")
        for key, hint in keys:  # what a template has comes after the same of a process
            yield key, above + key
            inner = f"{above}{key}.N." if _is_list(hint) else f"{above}{key}."
            if key in _SECTIONS:
                waiting.append((f"{above}{key}.NAME.", _SECTIONS[key]))
            else:
                found = MODELS.get(key, ())
                waiting += [(inner, each) for each in _several(found)]
        if model is Scenario:
            yield from ((name, f"scheduler.{name}") for name in Scheduler.model_fields)
    for policy in POLICIES.values():
        yield from ((name, f"scheduler.{name}") for name in policy.parameters())


def _several(found: type[BaseModel] | tuple[type[BaseModel], ...]) -> tuple[type[BaseModel], ...]:
    return found if isinstance(found, tuple) else (found,)


def _is_list(hint: Any) -> bool:
    return typing.get_origin(hint) is list or any(map(_is_list, typing.get_args(hint)))
