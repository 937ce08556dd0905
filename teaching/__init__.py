"""Exercises, homework and marks.

submission   the process in which a submitted policy is asked, and how it is confined
assignment   hidden workloads, checks, counterexamples, marks of a submitted policy
"""
