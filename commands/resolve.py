"""The workload that runs, made from the workload as the scenario file writes it.

Every command that runs a workload gets it from `resolve`. Commands that only read a scenario
(`check`, `export`, `lessons`) take the workload as it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from commands.remarks import remark, together
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from kernel.dispatch_price import Price
    from kernel.workload import SchedulerSpec, Workload

Kernel = Mapping[str, int | None]
"""A kernel's parameters of `linux`: `hz`, `base_slice` (ns), `high_resolution`. None: not told."""


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

    @property
    def parameters(self) -> Kernel:
        """The parameters of this kernel, with the usual values where the profile has none."""
        from kernel.linux.policy import USUAL

        told = {"hz": self.hz, "base_slice": self.base_slice}
        return USUAL | {name: value for name, value in told.items() if value is not None}


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
       A system that is not Linux has no such settings: the usual values are assumed.
       Other policies leave nothing open.

    A remark on stderr says if usual values are assumed. Another one says if expectations are
    dropped, because they were written for other values than this machine has.
    """
    charged = _charged(workload, costs)
    if isinstance(host, OtherKernel):
        return _as_on(charged, host)
    if _is_this_machine(costs, host):
        return _as_on_this_machine(charged)
    return _as_on_most_machines(charged)


def kernel_of_all(
    schedulers: Iterable[SchedulerSpec], costs: str | None, host: Host | OtherKernel
) -> Kernel:
    """Return the kernel's parameters for all points of an experiment, by the rules of `resolve`.

    The remarks are those of `resolve`, each printed once. If no scheduler of a point leaves
    anything open, the parameters are the usual ones, and there is no remark.
    """
    from kernel.linux.policy import USUAL

    left = [scheduler for scheduler in schedulers if scheduler.policy.left_to_the_machine]
    if not left:
        return USUAL
    if isinstance(host, OtherKernel):
        _say_each(_told_of(scheduler, host) for scheduler in left)
        return host.parameters
    if _is_this_machine(costs, host):
        from real.host.kernel_defaults import kernel_settings

        return kernel_settings()
    _say_each(map(_assumed, left))
    return USUAL


def _is_this_machine(costs: str | Price | None, host: Host | OtherKernel) -> bool:
    """Return whether this machine's kernel is asked for its settings: it must be Linux."""
    asked = host is Host.THIS or (host is Host.USUAL and costs == "measured")
    return asked and sys.platform.startswith("linux")


def _say_each(texts: Iterable[str]) -> None:
    for text in dict.fromkeys(texts):
        if text:
            remark(text)


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
    from sim.usual_values import with_usual_values

    if not workload.scheduler.policy.left_to_the_machine:
        return workload
    remark(_told_of(workload.scheduler, kernel))
    found = with_usual_values(workload, kernel.parameters)
    if found.expect is None or found.scheduler.parameters.items() >= USUAL.items():
        return found
    remark(tr("expect is not checked: it was written for the usual tick and slices"))
    return replace(found, expect=None)


def _told_of(scheduler: SchedulerSpec, kernel: OtherKernel) -> str:
    """Return a sentence that says which tick and slice the scheduler takes from the profile."""
    from kernel.units import format_duration

    taken = {
        name: kernel.parameters[name] if value is None else value
        for name, value in scheduler.parameters.items()
        if name in ("hz", "base_slice")
    }
    return tr(
        "{policy}: as on the machine of {profile}: hz {hz}, base_slice {slice}",
        policy=scheduler.name,
        profile=kernel.profile,
        hz=taken["hz"],
        slice=format_duration(int(taken["base_slice"] or 0)),
    )


def _as_on_most_machines(workload: Workload) -> Workload:
    from sim.usual_values import with_usual_values

    if not workload.scheduler.policy.left_to_the_machine:
        return workload
    _say_each([_assumed(workload.scheduler)])
    return with_usual_values(workload)


def _assumed(scheduler: SchedulerSpec) -> str:
    """Return a sentence that says which usual values are assumed; "" if nothing is left open."""
    from kernel.linux.policy import USUAL_HZ, USUAL_SLICE
    from kernel.units import format_duration

    assumed = {
        "hz": tr(
            "a tick of {tick} (hz {hz})", tick=format_duration(10**9 // USUAL_HZ), hz=USUAL_HZ
        ),
        "base_slice": tr("slices of {slice} (base_slice)", slice=format_duration(USUAL_SLICE)),
    }
    left_open = [words for name, words in assumed.items() if scheduler.parameters.get(name) is None]
    if not left_open:
        return ""
    return tr(
        "{policy}: the model assumes {assumed}, as on machines with 8 or more processors; "
        "compare, run-real and --costs measured take those of this machine, --as-on those of a "
        "profile",
        policy=scheduler.name,
        assumed=together(left_open),
    )
