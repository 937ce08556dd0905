"""Measurements behind `make` targets: fidelity, speed, reliability, and the shape of the code."""
