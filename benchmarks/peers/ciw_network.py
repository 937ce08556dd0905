"""First come, first served in Ciw: a queue for the core, a delay for waits, a route over both."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import ciw

from kernel.workload import Workload


def run(workload: Workload) -> list[int]:
    """Simulate processes with equal programs and different arrivals.

    Return their completions (ns), sorted.
    """
    program = workload.processes[0].program
    arrivals = [spec.arrival for spec in workload.processes]
    gaps = [arrivals[0], *(later - earlier for earlier, later in pairwise(arrivals))]

    def route(*_: Any) -> list[int]:
        """Return the nodes that a process visits after its arrival at the core."""
        return [2 if step % 2 else 1 for step in range(1, len(program.places))]

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")]), None],
        service_distributions=[
            ciw.dists.Deterministic(value=program.durations[0]),
            ciw.dists.Deterministic(value=program.durations[1]),
        ],
        number_of_servers=[workload.cores, float("inf")],
        routing=ciw.routing.ProcessBased(route),
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrivals), method="Finish")
    return sorted(
        int(max(record.exit_date for record in individual.data_records))
        for individual in simulation.get_all_individuals()
    )
