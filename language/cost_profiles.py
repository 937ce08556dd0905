"""Profiles: what `calibrate` has measured on a machine, kept in the user's cache folder.

`--costs measured` and `--costs FILE` make the model charge the costs of a profile; with
`--costs ideal` it charges nothing. The price of a dispatch depends on its circumstances
(kernel/dispatch_price.py), and on whether the supervisor has a core of its own. An older profile
has no such price. It has one cost of a dispatch and one of a switch, which are charged each time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from platform import node
from typing import Any

from kernel.dispatch_price import PROFILE_FORMAT, SHARED, SPARE, Circumstances, Price
from kernel.errors import UsageError
from kernel.files import writing as writing_files
from kernel.files.reading import TooLargeError, read_bounded
from kernel.hardware import Costs
from kernel.workload import Workload
from translation import mark, tr

CHARGED = ("dispatch", "switch", "migration")
_LARGEST = 1_000_000  # bytes of a profile
MAKE_ONE = mark("python cli.py calibrate makes one")


def own_path() -> Path:
    """Return the path of this machine's profile."""
    from platformdirs import user_cache_path

    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in node()) or "here"
    return user_cache_path("multiprog") / f"profile-{name}.json"


def save(profile: Mapping[str, Any], path: Path) -> None:
    """Write the profile, whole or not at all. Raises UsageError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            tr("{file}: cannot be written: {reason}", file=path, reason=error.strerror)
        ) from None
    writing_files.save(path, lambda stream: stream.write(json.dumps(profile, indent=1) + "\n"))


def read(path: Path) -> dict[str, Any]:
    """Return a saved profile. Raises UsageError if the file is no profile."""
    try:
        found = json.loads(read_bounded(path, _LARGEST))
    except FileNotFoundError:
        raise UsageError(
            tr("{file}: there is no profile here; {how}", file=path, how=tr(MAKE_ONE))
        ) from None
    except OSError as error:
        raise UsageError(
            tr("{file}: cannot be read: {reason}", file=path, reason=error.strerror)
        ) from None
    except (ValueError, RecursionError, TooLargeError):
        raise UsageError(tr("{file}: is no profile; {how}", file=path, how=tr(MAKE_ONE))) from None
    if not isinstance(found, dict) or found.get("format") != PROFILE_FORMAT:
        raise UsageError(
            tr(
                "{file}: is no profile ({format}); {how}",
                file=path,
                format=PROFILE_FORMAT,
                how=tr(MAKE_ONE),
            )
        )
    for kind in ("costs", "free_costs"):
        costs = found.get(kind)
        known = isinstance(costs, dict) and all(
            type(costs.get(name)) is int and costs[name] >= 0 for name in CHARGED
        )
        if not known:
            wanted = ", ".join(CHARGED)
            raise UsageError(
                tr(
                    "{file}: {key} must have {names}, in whole ns of 0 or more",
                    file=path,
                    key=kind,
                    names=wanted,
                )
            )
    _check_prices(found, path)
    return found


def file_of(written: str | None) -> Path | None:
    """Return the path of the profile that `--costs` reads; None if it reads no profile."""
    if written in (None, "ideal"):
        return None
    return own_path() if written == "measured" else Path(str(written))


def _check_prices(profile: Mapping[str, Any], path: Path) -> None:
    machine, prices = profile.get("machine", {}), profile.get("prices", {})
    for name, value in (("machine", machine), ("prices", prices)):
        if not isinstance(value, dict):
            raise UsageError(
                tr(
                    "{file}: {key} must be an object; {how}",
                    file=path,
                    key=name,
                    how=tr(MAKE_ONE),
                )
            )
    if type(machine.get("available_cpus", 0)) is not int:
        raise UsageError(
            tr(
                "{file}: available_cpus must be a whole number; {how}",
                file=path,
                how=tr(MAKE_ONE),
            )
        )
    for written in prices.values():
        try:
            Price.from_json(written)
        except ValueError as error:
            raise UsageError(f"{path}: {error}; {tr(MAKE_ONE)}") from None


def price_in(profile: Mapping[str, Any], cores: int) -> Price | None:
    """Return the price of a dispatch with so many cores in use; None if the profile has no price.

    There are two prices: one if the supervisor has a core of its own, one if it shares a core.
    """
    processors = profile.get("machine", {}).get("available_cpus", 0)
    written = profile.get("prices", {}).get(SPARE if cores < processors else SHARED)
    return None if written is None else Price.from_json(written)


def with_costs(workload: Workload, written: str | None) -> Workload:
    """Return the workload with the costs of `--costs`; with None, with the scenario's costs.

    Raises UsageError for a profile that cannot be read.
    """
    if written is None:
        return workload
    file = file_of(written)
    return replace(workload, costs=Costs()) if file is None else charged_by(workload, read(file))


def charged_by(workload: Workload, profile: Mapping[str, Any]) -> Workload:
    """Return the workload with the costs of a profile."""
    ours = workload.scheduler.dispatch == "ours"
    charged = {name: profile["costs" if ours else "free_costs"][name] for name in CHARGED}
    price = price_in(profile, workload.cores) if ours else None
    return replace(
        workload, costs=replace(workload.costs, in_virtual_time=ours, price=price, **charged)
    )


def with_price(workload: Workload, price: Price) -> Workload:
    """Return the workload with this price of a dispatch.

    If processes start each other, or programs are moved in memory, every dispatch costs the same:
    the price of a dispatch after a short slice.
    """
    flat = price.charge(Circumstances(first=False, away_ns=0, idle_ns=0, slice_ns=0))
    costs = replace(
        workload.costs, dispatch=flat, switch=0, migration=0, in_virtual_time=True, price=price
    )
    return replace(workload, costs=costs)
