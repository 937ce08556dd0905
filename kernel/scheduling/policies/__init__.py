"""Scheduling policies, one family per file: which process runs next on a core, and for how long."""
