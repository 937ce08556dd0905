"""The places of the numbers that the first process, the keeper and the command share."""

from __future__ import annotations

from typing import Final

COMMAND: Final = 0
"""The process id of the command."""
FINISHED: Final = 1
"""The command's exit status plus 1, after its work; only Python's own exit remains. 0 before."""
BROKEN: Final = 2
"""1: the file descriptor of stdout or stderr was closed."""
INTERRUPTED: Final = 3
"""The number of the last signal that asked the command to end."""
WISHES: Final = 4
"""How many signals have asked the command to end."""
RESULT: Final = 5
"""How the first process must end: a signal's number, or ENDED plus an exit status."""
HEARD: Final = 6
"""1: the command has handled SIGINT."""
CELLS: Final = 8
ENDED: Final = 1000
