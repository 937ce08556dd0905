"""What the commands of cli.py share: their options, the two machines, the ways to show a result.

A function imports other folders only when it is called, so that `--help` is printed at once.
"""
