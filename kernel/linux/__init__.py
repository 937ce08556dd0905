"""Linux's own scheduling classes, as a policy: what the machine under us does when nobody helps.

DEADLINE above real time above fair, each in a file of its own; `policy.py` ties them together.
"""

from __future__ import annotations

import kernel.scheduling  # noqa: F401 - its list of policies names ours, so it is read first
