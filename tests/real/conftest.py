"""Scenarios as texts."""

from tests.scenarios.conftest import load

__all__ = ["load"]
