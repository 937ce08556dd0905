"""Multiprog for Python programs and notebooks: one scenario, two machines, one comparison.

    >>> import multiprog
    >>> run = multiprog.simulate("overlap")  # a lesson by its name, or the path of a file
    >>> run.makespan_ns
    320000000
    >>> run.processes["A"].waiting_ns
    20000000

Each function takes a scenario as a `Scenario`, a path, the name of a lesson, a text, or a
dictionary. Times are ns, sizes bytes. Every error that a caller can cause is a `MultiprogError`
whose text says what would be right. `docs/python.md` says what is kept stable.
"""

from __future__ import annotations

from kernel.errors import MultiprogError, PolicyError, UsageError
from kernel.scheduling import Duration, Policy, ms, seconds, us
from language.source.errors import Problem, ScenarioError
from multiprog.catalogue import Lesson, lessons, policies
from multiprog.comparisons import Comparison, compare
from multiprog.machines import run_real, simulate
from multiprog.page import Page
from multiprog.picture import Picture
from multiprog.runs import Run
from multiprog.scenarios import Process, Scenario, ScenarioLike, check, load
from multiprog.speech import language, speak_as_the_environment_says
from multiprog.sweeps import Sweep, sweep

__all__ = [
    "Comparison",
    "Duration",
    "Lesson",
    "MultiprogError",
    "Page",
    "Picture",
    "Policy",
    "PolicyError",
    "Problem",
    "Process",
    "Run",
    "Scenario",
    "ScenarioError",
    "ScenarioLike",
    "Sweep",
    "UsageError",
    "check",
    "compare",
    "language",
    "lessons",
    "load",
    "ms",
    "policies",
    "run_real",
    "seconds",
    "simulate",
    "sweep",
    "us",
]

speak_as_the_environment_says()
