"""Real runs of one scenario, as `run-real` makes them: one for each policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from commands import machines
from commands.asked import Asked
from commands.elsewhere import require_linux
from commands.machines import Handling
from commands.resolve import Host, resolve
from commands.shown import Shown

if TYPE_CHECKING:
    from timeline.record.run import Run


def real_runs(file: Path, asked: Asked, handling: Handling, shown: Shown) -> list[Run]:
    """Run the scenario on real processes under each policy, until the user interrupts one.

    Raises UsageError, if this machine cannot do it before any of the runs begins.
    """
    require_linux("run-real")
    from commands.prices import known_price

    written = asked.workloads(file, single=shown.step)
    shown.spare(written)
    workloads = [resolve(workload, None, Host.THIS) for workload in written]
    for workload in workloads:
        machines.check_real_run(workload, asked.limit, handling, live=shown.live)
    with machines.alone(handling.no_wait) as host:
        return machines.each(
            workloads,
            lambda workload: machines.really_run(
                workload,
                asked.limit,
                handling,
                shown.decides,
                live=shown.live,
                price=known_price(workload),
                host=host,
            ),
        )
