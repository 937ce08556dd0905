"""Runs that were left to the machine's own scheduler: what is measured, what must hold."""
