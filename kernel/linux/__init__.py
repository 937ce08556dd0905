"""Linux's own scheduling classes, as a policy: what the machine does without our dispatcher.

DEADLINE is above real time, and real time above fair. Each class has a file of its own; `policy.py`
puts them together.
"""
