"""What the commands of cli.py share: what was asked for, the two machines, what is shown.

Each loads what it needs when it needs it, so that `--help` is there at once.
"""
