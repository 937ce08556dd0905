"""How much a student knows before a lesson, from nothing to much."""

from __future__ import annotations

LEVELS = ("beginner", "intermediate", "advanced")
