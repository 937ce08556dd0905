"""The numbers of the signals that the rules know, as Linux has them on every processor.

The model is the same on every system, so the numbers are not taken from the system that runs it.
"""

from __future__ import annotations

from typing import Final

SIGINT: Final = 2
SIGKILL: Final = 9
SIGSEGV: Final = 11
SIGTERM: Final = 15
