"""The decisions of both machines: which process runs next, where a program fits, in which order.

The kernel has no clock. `sim/` drives these objects with simulated time, `real/` with the
wall clock and real processes. All times are integer nanoseconds, all sizes integer bytes.
"""
