"""The simulated machine: SimPy's clock, and cores and devices that take simulated time.

run                 choose the machine, execute it, assemble the record
machine, lifecycle  the machine, and the machine for processes that start and end each other
arrivals, reviews   events with a time of their own: arrivals, and reviews by the policy
clock               SimPy's clock, one instant at a time
usual_values        what the model takes where a scenario leaves values open
virtual_time_costs  the costs of a machine that decides in virtual time
"""

from __future__ import annotations

from sim.run import simulate, stream
from sim.tick_phases import other_phases

__all__ = ["other_phases", "simulate", "stream"]
