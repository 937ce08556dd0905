"""The exit statuses of a command. An error of the user's has its own: `UsageError.exit_status`."""

from __future__ import annotations

DONE = 0
FAILED = 1
INTERRUPTED = 130
