"""Limits in a browser: a run must come to its end while the user waits for it."""

from __future__ import annotations

from collections.abc import Mapping

from language.source.limits import LIMITS as KNOWN

LIMITS = {"processes": 10_000, "steps": 200_000, "slices": 200_000}
"""The limits that are lower than those of the command line."""
ALL: Mapping[str, int] = {**KNOWN, **LIMITS}
MOST_POLICIES = 6
"""Policies that are shown side by side."""
