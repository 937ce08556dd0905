"""The real machine: `multiprocessing` processes on this machine's cores, under our dispatcher."""

from __future__ import annotations

from real.run import run_real

__all__ = ["run_real"]
