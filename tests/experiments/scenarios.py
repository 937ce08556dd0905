"""Small scenarios with random bursts, and their parts of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.design.axes import Points
from experiments.design.plan import Plan, plan_of
from experiments.running.setup import Setup
from language.schema.context import CheckContext
from language.schema.experiment import Experiment
from language.source.limits import LIMITS
from language.source.options import Options

OVERLAP = """
seed: 7
machine: {cores: 1}
scheduler: {policy: rr, quantum: 20ms}
processes:
  - {name: A, program: [{cpu: {exponential: 60ms}}, {io: 100ms}, {cpu: {exponential: 40ms}}]}
  - {name: B, program: [{cpu: {exponential: 40ms}}, {io: 110ms}, {cpu: {exponential: 40ms}}]}
  - {name: C, program: [{cpu: {exponential: 80ms}}, {io: 60ms}, {cpu: {exponential: 60ms}}]}
"""
"""The lesson overlap.yaml with random bursts."""


def planned(
    values: Mapping[str, Sequence[str]], *, limits: Mapping[str, int] = LIMITS, **asked: Any
) -> Plan:
    """The plan of an experiment with these values by key; `asked` as in a scenario."""
    experiment = Experiment.model_validate(asked, context=CheckContext(0, 0))
    return plan_of(experiment, {key: list(each) for key, each in values.items()}, None, 7, limits)


def set_up(text: str, plan: Plan, **options: Any) -> Setup:
    """What workers need for the plan."""
    points: Points = plan.points
    return Setup("f.yaml", text, Options(**options), *points, plan.measures, plan.windows)
