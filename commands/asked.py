"""The scenario as a command line asks for it: options replace values of the scenario file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.options import gathered
from commands.remarks import remark
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kernel.scheduling import Policy
    from kernel.workload import Workload
    from language import Options


@dataclass(frozen=True)
class Asked:
    """The options that change a scenario, as the user typed them. None or empty: not given."""

    policy: str | None = None
    quantum: str | None = None
    cores: int | None = None
    seed: int | None = None
    time_unit: str | None = None
    sets: tuple[str, ...] = ()
    keep_expect: bool = False
    limits: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no option changes the scenario. Limits do not change it."""
        return self == Asked(limits=self.limits)

    def reads(self, *files: Path, costs: str | None = None) -> list[Path]:
        """Return the files that the command reads: arguments, own policies, the profile of --costs.

        `Shown.spare` looks after the files that the scenario names, when it has been read.
        """
        from language.cost_profiles import file_of

        names = (self.policy or "").split(",")
        profile = file_of(costs)
        return [
            *files,
            *(Path(name.partition(":")[0].strip()) for name in names if ":" in name),
            *([] if profile is None else [profile]),
        ]

    @property
    def policies(self) -> list[str]:
        """Return the policies that --policy names, each once; none if it is not given."""
        from language import split_policies

        return [] if self.policy is None else list(dict.fromkeys(split_policies(self.policy)))

    @cached_property
    def limit(self) -> Mapping[str, int]:
        """All limits by name, from the options, the environment and the lab. Raises UsageError.

        The first use also bounds the memory of this process by the limit `memory`.
        """
        from language.source.limits import bound_memory, in_force

        limits = in_force(self.limits)
        bound_memory(limits["memory"])
        return limits

    def options(self, *, drawn: bool = False, costs: str | None = None) -> Options:
        """Return the options for `language.load`. Raises UsageError if --policy names several."""
        from language import Options, split_policies

        if self.policy is not None and len(split_policies(self.policy)) > 1:
            raise UsageError(
                tr(
                    "--policy {policy}: this command takes one policy; simulate and run-real "
                    "take several",
                    policy=self.policy,
                )
            )
        return Options(
            policy=self.policy,
            quantum=self.quantum,
            cores=self.cores,
            seed=self.seed,
            time_unit=self.time_unit,
            sets=self.sets,
            limits=self.limit,
            drawn=drawn,
            costs=costs,
            keep_expect=self.keep_expect,
        )

    def workload(self, file: Path, *, drawn: bool = False, costs: str | None = None) -> Workload:
        """Return the workload as it is written, under one policy.

        `costs` is the value of --costs. Here it only decides whether the expectations are kept;
        `commands.resolve` applies it. Raises UsageError if --policy names several.
        """
        from language import load

        loaded = load(file, self.options(drawn=drawn, costs=costs))
        for each in loaded.remarks:
            remark(each)
        return loaded.workload

    def workloads(
        self, file: Path, *, single: bool = False, costs: str | None = None
    ) -> list[Workload]:
        """Return a workload for each policy of --policy; without --policy, for the scenario's own.

        Raises UsageError if `single` is true and --policy names several.
        """
        if single:
            return [self.workload(file, costs=costs)]
        names = self.policies
        if len(names) > 1:
            return [self._under(name).workload(file, costs=costs) for name in names]
        only = replace(self, policy=names[0] if names else None)
        return [only.workload(file, costs=costs)]

    def _under(self, name: str) -> Asked:
        """Return the options with policy `name` alone, without --quantum if it has no quantum."""
        if self.quantum is not None and "quantum" not in find_policy(name).parameters():
            remark(tr("{name} has no quantum; --quantum applies to the other policies", name=name))
            return replace(self, policy=name, quantum=None)
        return replace(self, policy=name)


def find_policy(name: str) -> type[Policy]:
    """Return the class of a policy. Raises UsageError, with the nearest name, if there is none."""
    from language.policies.lookup import find

    try:
        return find(name, Path())
    except ValueError as error:
        raise UsageError(str(error)) from None


def policy_names(_context: object, _parameter: object, incomplete: str) -> list[str]:
    """Return how a list of policies like `rr,sr` may go on, for the shell's completion."""
    from kernel.policies import POLICIES

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in POLICIES if name.startswith(last)]


asks = gathered(
    Asked,
    "asked",
    [
        click.option(
            "--policy",
            metavar="NAME",
            shell_complete=policy_names,
            help="Use this policy, or file.py:Class; several: rr,srtf,mlfq.",
        ),
        click.option("--quantum", metavar="D", help="Use this quantum, like 10ms."),
        click.option("--cores", type=int, metavar="N", help="Use this number of cores."),
        click.option("--seed", type=int, metavar="N", help="Use this seed for all random draws."),
        click.option(
            "--time-unit",
            metavar="D",
            help="The unit of numbers without a unit: 20ms makes a run longer.",
        ),
        click.option(
            "--set",
            "sets",
            multiple=True,
            metavar="PATH=VALUE",
            help="Change any key, like processes.0.cpu=5ms.",
        ),
        click.option(
            "--keep-expect",
            is_flag=True,
            help="Keep the scenario's expect, even if an option changes the scenario.",
        ),
        click.option(
            "--limit",
            "limits",
            multiple=True,
            metavar="NAME=N",
            help="Change a limit, like processes=500.",
        ),
    ],
)
"""A decorator for a command, which gets these options as `asked`."""
