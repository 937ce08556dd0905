"""All misconceptions, in the order in which the diagnosis names them."""

from __future__ import annotations

from teaching.misconceptions.machine import MACHINE
from teaching.misconceptions.memory import MEMORY
from teaching.misconceptions.misconception import Misconception
from teaching.misconceptions.preemption import PREEMPTION
from teaching.misconceptions.process_life import PROCESS_LIFE
from teaching.misconceptions.reading import READING
from teaching.misconceptions.shares_and_deadlines import SHARES_AND_DEADLINES
from teaching.misconceptions.time_slicing import TIME_SLICING

CATALOGUE: tuple[Misconception, ...] = (
    *PREEMPTION,
    *TIME_SLICING,
    *SHARES_AND_DEADLINES,
    *MACHINE,
    *MEMORY,
    *PROCESS_LIFE,
    *READING,
)
BY_NAME: dict[str, Misconception] = {each.name: each for each in CATALOGUE}
