"""Measurements for `make` targets: fidelity, speed, reliability, and the structure of the code."""
