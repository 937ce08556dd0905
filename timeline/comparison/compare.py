"""Compare two runs of one scenario: measure the differences and explain them.

Usually the first run is simulated and the second is real. Any two runs of one scenario can be
compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from timeline.comparison.criteria import TOLERANCES
from timeline.comparison.judge import judge
from timeline.comparison.kernel_trace import compare_with_trace
from timeline.comparison.measure import charged_model, measure, turnaround_errors
from timeline.comparison.model import Comparison
from timeline.comparison.same_scenario import require_same_scenario
from timeline.record.run import Run


def compare(
    first: Run, second: Run, phases: Sequence[Run] = (), charged: Run | None = None
) -> Comparison:
    """Return the comparison of two runs. Raises UsageError unless both are of the same scenario.

    `phases` are further runs of the model, with other phases of the tick. `charged` is a run of the
    charged model, which is shown in addition.
    """
    require_same_scenario(first, second)
    measured = measure(first, second, phases)
    judgement = judge(measured)
    return Comparison(
        verdict=judgement.verdict,
        schedule=judgement.schedule,
        times=judgement.times,
        sentence=judgement.sentence,
        advice=judgement.advice,
        first=measured.names[0],
        second=measured.names[1],
        tolerances=TOLERANCES,
        near_tie_ns=measured.window.close,
        criteria=judgement.criteria,
        broken=measured.broken,
        makespan=measured.makespan,
        turnaround_errors=turnaround_errors([row.turnaround for row in measured.processes]),
        dispatch=measured.dispatch,
        completion=measured.completion,
        occupancy=measured.occupancy,
        causes=measured.causes,
        noise=measured.noise,
        jobs=measured.jobs,
        missed=measured.missed,
        processes=measured.processes,
        attributions=measured.attributions,
        native=measured.native,
        kernel_trace=compare_with_trace(measured.runs[1]),
        charged=None if charged is None else charged_model(charged, second),
        observations=measured.observations,
    )
