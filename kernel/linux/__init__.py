"""Linux's own scheduling classes, as a policy: what the machine does by itself.

DEADLINE above real time above fair, each in a file of its own; `policy.py` ties them together.
"""
