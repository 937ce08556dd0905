"""The life of processes: starting, joining, ending, and what is left when one has ended.

    acts      the steps that concern other processes        family    parents, zombies, orphans
    sync      locks, queues and barriers                    calls     what each step does
    system    the operating system that carries them out    deadlock  who waits for whom

The rules are CPython's and Linux's, written once for both machines.
"""

from kernel.life.acts import ACT, Act, Kinship, LifeRules

__all__ = ["ACT", "Act", "Kinship", "LifeRules"]
