"""The price of a dispatch on this machine: as it is known, and as it is just now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from kernel.dispatch_price import USUAL, Price
from kernel.errors import Interrupted, MultiprogError

if TYPE_CHECKING:
    from kernel.workload import Workload

UNKNOWN = 10.0
"""Largest factor between the usual price and that of a machine without a profile."""


def known_price(workload: Workload) -> Price | None:
    """Return the price in this machine's profile, else that of a usual machine.

    None: the operating system dispatches, so a dispatch has no price of ours. Raises UsageError for
    a profile that cannot be read.
    """
    return None if workload.scheduler.dispatch == "none" else _known(workload.cores)[0]


def present_price(workload: Workload) -> Price | None:
    """Return that price adapted to what dispatches cost just now; it measures for half a second."""
    if workload.scheduler.dispatch == "none":
        return None
    from real.calibration.dispatch_price import SLOWEST, adapted

    known, calibrated = _known(workload.cores)
    try:
        return adapted(known, workload.cores, SLOWEST if calibrated else UNKNOWN)
    except Interrupted:
        raise
    except MultiprogError as error:
        click.echo(f"what a dispatch costs just now could not be measured: {error}", err=True)
        return known


def _known(cores: int) -> tuple[Price, bool]:
    """Return the price, and whether it was measured on this machine."""
    from language.cost_profiles import own_path, price_in, read
    from real.host.probe import available_cpus

    path = own_path()
    found = price_in(read(path), cores) if os.access(path, os.R_OK) else None
    return found or USUAL[cores < len(available_cpus())], found is not None
