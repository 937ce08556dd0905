"""The cells that only a native worker has. Each of its threads has a row, and writes them."""

from __future__ import annotations

from real.cells import OWN

TID = OWN  # the thread id that the kernel gave
ASLEEP = OWN + 1  # 1: it knows when the run begins, and is about to sleep until its arrival
CALLING = OWN + 2  # 1 + the number of the call that it is making; 0: it makes none
ENDED = OWN + 3  # 1 + the exit code; 0: its program has not ended
