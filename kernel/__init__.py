"""The decisions, written once: which process runs next, where a program fits, and in which order.

Nothing in here has a clock. `sim/` drives these objects with simulated time, `real/` with the
wall clock and real processes. All times are integer nanoseconds, all sizes integer bytes.
"""
