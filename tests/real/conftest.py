"""Scenarios as texts."""

from tests.language.conftest import load

__all__ = ["load"]
