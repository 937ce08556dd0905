"""Linux's own scheduling classes, as a policy: what the machine under us does when nobody helps.

DEADLINE above real time above fair, each in a file of its own; `policy.py` ties them together.
"""
