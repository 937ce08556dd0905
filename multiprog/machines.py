"""The two machines: the model, and real processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.scheduling import Policy
from language.source.options import Options
from multiprog.runs import Run
from multiprog.scenarios import ScenarioLike, Time, arguments_named, options_of, scenario_of

if TYPE_CHECKING:
    from commands.resolve import Host, OtherKernel
    from kernel.workload import Workload


def simulate(
    scenario: ScenarioLike,
    *,
    policy: str | type[Policy] | None = None,
    quantum: Time | None = None,
    cores: int | None = None,
    seed: int | None = None,
    changes: Mapping[str, Any] | None = None,
    costs: str | None = None,
    as_on: str | Path | None = None,
    explain: bool = False,
) -> Run:
    """Return the run of the model.

    The scenario (see `load`) is changed by the other arguments:

    - `policy`: a name, `file.py:Class`, or a class that extends `Policy`;
    - `quantum`: a duration like `"10ms"`;
    - `cores`: how many there are;
    - `seed`: that of all random draws;
    - `changes`: any key by its path, like `{"processes.0.cpu": "5ms"}`;
    - `costs`: what the model charges for dispatches: `"ideal"` (nothing), `"measured"` (as
      `multiprog calibrate` measured this machine), or the path of a profile;
    - `as_on`: the profile of another machine, whose tick and slice Linux's scheduler has;
    - `explain`: whether to record each decision, for `show` and `to_pandas("decisions")`.

    The same arguments give the same run, to the byte.

        >>> simulate("convoy", policy="srtf").policy
        'srtf'
        >>> simulate("convoy", changes={"machine.cores": 2}).record.machine["cores"]
        2

    Raises ScenarioError for mistakes of the scenario, PolicyError for a policy that breaks a rule,
    and UsageError for arguments that ask for something that cannot be.
    """
    from commands.machines import simulated
    from commands.remarks import kept_remarks
    from commands.resolve import Host, other_kernel

    options = options_of(policy, quantum, cores, seed, changes, costs)
    with kept_remarks() as remarks:
        host = Host.USUAL if as_on is None else other_kernel(Path(as_on))
        workload = resolved(scenario, options, costs, host)
        record = simulated(workload, options.limits, explain)
    return Run(record, remarks)


def run_real(
    scenario: ScenarioLike,
    *,
    policy: str | type[Policy] | None = None,
    quantum: Time | None = None,
    cores: int | None = None,
    seed: int | None = None,
    changes: Mapping[str, Any] | None = None,
    timeout: str | None = None,
    trace: bool = False,
    wait: bool = True,
    explain: bool = False,
) -> Run:
    """Return a run on real processes of this machine, which must run Linux.

    The first arguments are those of `simulate`. Besides:

    - `timeout`: a duration like `"30s"`, after which the run is ended; `Run.stopped` says so;
    - `trace`: record the kernel's own switches, too (root only);
    - `wait`: whether to wait for the end of another real run on this machine.

    The call returns when the last process has ended and nothing of the run is left.

    Raises what `simulate` raises, and UsageError where real processes cannot run as asked: not
    Linux, more cores than there are, limits that forbid it.
    """
    from commands.elsewhere import require_linux
    from commands.machines import Handling, alone, check_real_run, really_run
    from commands.prices import known_price
    from commands.remarks import kept_remarks
    from commands.resolve import Host

    require_linux("run_real")
    handling = Handling(timeout, "kernel" if trace else None, not wait)
    options = options_of(policy, quantum, cores, seed, changes)
    with kept_remarks() as remarks, arguments_named():
        workload = resolved(scenario, options, None, Host.THIS)
        check_real_run(workload, options.limits, handling, live=False)
        with alone(handling.no_wait) as host:
            price = known_price(workload)
            record = really_run(workload, options.limits, handling, explain, price=price, host=host)
    return Run(record, remarks)


def resolved(
    scenario: ScenarioLike, options: Options, costs: str | None, host: Host | OtherKernel
) -> Workload:
    """Return the workload that runs; its remarks are kept. Raises UsageError."""
    from commands.remarks import remark
    from commands.resolve import resolve
    from kernel.scheduling.checked import check_complete

    loaded = scenario_of(scenario)._loaded(options)
    for each in loaded.remarks:
        remark(each)
    check_complete(loaded.workload.scheduler.policy)
    return resolve(loaded.workload, costs, host)
