"""The workload that runs, made from the workload as the scenario file writes it.

Every command that runs a workload gets it from `resolve`. Commands that only read a scenario
(`check`, `export`, `lessons`) take the workload as it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from commands.remarks import remark, together
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from kernel.dispatch_price import Price
    from kernel.workload import Workload


class Host(Enum):
    """The machine whose kernel sets the values that a scenario leaves to the operating system."""

    THIS = "this machine"
    USUAL = "a machine with 8 or more processors"


@dataclass(frozen=True)
class OtherKernel:
    """The kernel of another machine, as the profile of `calibrate` tells it. None: not told."""

    profile: Path
    hz: int | None
    base_slice: int | None  # ns


def other_kernel(profile: Path) -> OtherKernel:
    """Return the kernel of the machine that a profile is of. Raises UsageError."""
    from language.cost_profiles import read

    told = read(profile).get("scheduler")
    found: dict[str, int | None] = {}
    for key, most in (("hz", 10_000), ("base_slice_ns", 100_000_000)):
        value = told.get(key) if isinstance(told, dict) else None
        if value is not None and not (type(value) is int and 0 < value <= most):
            raise UsageError(
                tr(
                    "{profile}: scheduler.{key} must be a whole number up to {most:,}",
                    profile=profile,
                    key=key,
                    most=most,
                )
            )
        found[key] = value
    if not any(found.values()):
        raise UsageError(
            tr(
                "{profile}: has no tick and no slice of the kernel (scheduler: hz, base_slice_ns)",
                profile=profile,
            )
        )
    return OtherKernel(profile, found["hz"], found["base_slice_ns"])


def resolve(workload: Workload, costs: str | Price | None, host: Host | OtherKernel) -> Workload:
    """Return the workload that runs. Raises UsageError for a profile that cannot be read.

    There are two steps. Each may leave the workload as it is written.

    1. `costs` decides what the model charges. None: the costs in the scenario. "ideal": nothing.
       "measured": the costs in this machine's profile (`calibrate` makes it). Any other text: the
       path of a profile. A Price: the price of dispatches in a real run, for the charged model.
    2. `host` decides the tick and the slice of Linux's scheduler, if the scenario leaves them open:
       the values of this machine's kernel, of another one, or the usual values. With "measured" it
       is this machine unless another one is named, as the costs were measured on its kernel.
       Other policies leave nothing open.

    A remark on stderr says if usual values are assumed. Another one says if expectations are
    dropped, because they were written for other values than this machine has.
    """
    charged = _charged(workload, costs)
    if isinstance(host, OtherKernel):
        return _as_on(charged, host)
    if host is Host.THIS or costs == "measured":
        return _as_on_this_machine(charged)
    return _as_on_most_machines(charged)


def _charged(workload: Workload, costs: str | Price | None) -> Workload:
    from kernel.dispatch_price import Price
    from language.cost_profiles import with_costs, with_price

    return with_price(workload, costs) if isinstance(costs, Price) else with_costs(workload, costs)


def _as_on_this_machine(workload: Workload) -> Workload:
    from real.host.kernel_defaults import with_kernel_defaults

    found = with_kernel_defaults(workload)
    if workload.expect is not None and found.expect is None:
        remark(
            tr(
                "expect is not checked: it was written for the usual tick and slices, and "
                "this machine has others"
            )
        )
    return found


def _as_on(workload: Workload, kernel: OtherKernel) -> Workload:
    """Return the workload with the tick and slice of another machine's kernel."""
    from kernel.linux.policy import USUAL
    from kernel.units import format_duration

    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine:
        return workload
    known = USUAL | {
        name: value
        for name, value in (("hz", kernel.hz), ("base_slice", kernel.base_slice))
        if value is not None
    }
    parameters = {
        name: known.get(name) if value is None else value
        for name, value in scheduler.parameters.items()
    }
    slice_words = format_duration(int(parameters["base_slice"] or 0))
    remark(
        tr(
            "{policy}: as on the machine of {profile}: hz {hz}, base_slice {slice}",
            policy=scheduler.name,
            profile=kernel.profile,
            hz=parameters["hz"],
            slice=slice_words,
        )
    )
    expect = workload.expect if parameters.items() >= USUAL.items() else None
    if expect is None and workload.expect is not None:
        remark(tr("expect is not checked: it was written for the usual tick and slices"))
    return replace(workload, scheduler=replace(scheduler, parameters=parameters), expect=expect)


def _as_on_most_machines(workload: Workload) -> Workload:
    from sim.usual_values import with_usual_values

    if not workload.scheduler.policy.left_to_the_machine:
        return workload
    _say_what_is_assumed(workload)
    return with_usual_values(workload)


def _say_what_is_assumed(workload: Workload) -> None:
    from kernel.linux.policy import USUAL_HZ, USUAL_SLICE
    from kernel.units import format_duration

    assumed = {
        "hz": tr(
            "a tick of {tick} (hz {hz})", tick=format_duration(10**9 // USUAL_HZ), hz=USUAL_HZ
        ),
        "base_slice": tr("slices of {slice} (base_slice)", slice=format_duration(USUAL_SLICE)),
    }
    scheduler = workload.scheduler
    left_open = [words for name, words in assumed.items() if scheduler.parameters.get(name) is None]
    if left_open:
        remark(
            tr(
                "{policy}: the model assumes {assumed}, as on machines with 8 or more processors; "
                "compare and run-real ask this machine, and --as-on takes those of a profile",
                policy=scheduler.name,
                assumed=together(left_open),
            )
        )
