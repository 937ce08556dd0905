"""The price of a dispatch on this machine: the known price, and the price at present."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from commands.remarks import remark
from kernel.dispatch_price import USUAL, Price
from kernel.errors import Interrupted, MultiprogError
from translation import tr

if TYPE_CHECKING:
    from kernel.workload import Workload

UNKNOWN = 10.0
"""Largest factor between the usual price and the price of a machine without a profile."""


def known_price(workload: Workload) -> Price | None:
    """Return the price in this machine's profile; without a profile, the price of a usual machine.

    Return None if the operating system dispatches, as the price is that of our own dispatcher.
    Raises UsageError for a profile that cannot be read.
    """
    return None if workload.scheduler.dispatch == "none" else _known(workload.cores)[0]


def present_price(workload: Workload) -> Price | None:
    """Return the known price, adapted to the present cost of dispatches, measured in half a second.

    If measuring fails, say so on stderr and return the known price.
    """
    if workload.scheduler.dispatch == "none":
        return None
    from real.calibration.dispatch_price import SLOWEST, adapted

    known, calibrated = _known(workload.cores)
    try:
        return adapted(known, workload.cores, SLOWEST if calibrated else UNKNOWN)
    except Interrupted:
        raise
    except MultiprogError as error:
        remark(tr("what a dispatch costs just now could not be measured: {error}", error=error))
        return known


def _known(cores: int) -> tuple[Price, bool]:
    """Return the known price for so many cores, and whether it was measured on this machine."""
    from language.cost_profiles import own_path, price_in, read
    from real.host.probe import available_cpus

    path = own_path()
    found = price_in(read(path), cores) if os.access(path, os.R_OK) else None
    return found or USUAL[cores < len(available_cpus())], found is not None
