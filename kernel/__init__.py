"""The decisions, written once: who runs next, where a program fits, in which order things happen.

Nothing in here has a clock. `sim/` drives these objects with simulated time, `real/` with the
wall clock and real processes. All times are integer nanoseconds, all sizes integer bytes.
"""
