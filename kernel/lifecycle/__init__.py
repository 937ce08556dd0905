"""The life of processes: they start, join, end and are reaped.

    process_tree  parents, zombies, orphans         semantics  what each call does
    sync          locks, queues and barriers        deadlock   which process waits for which
    system        the operating system that carries the calls out
    threads, gil  threads of one process, and its interpreter lock

The rules are CPython's and Linux's, written once for both machines.
"""
