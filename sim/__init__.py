"""The simulated machine: SimPy's clock, cores that run and devices that serve without a cost."""

from __future__ import annotations

from sim.machine import simulate, stream
from sim.tick_phases import other_phases

__all__ = ["other_phases", "simulate", "stream"]
