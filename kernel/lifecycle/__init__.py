"""The life of processes: starting, joining, ending, and what is left when one has ended.

    process_tree  parents, zombies, orphans         semantics  what each call does
    sync          locks, queues and barriers        deadlock   which process waits for which
    system        the operating system that carries the calls out
    threads, gil  threads of one process, and its interpreter lock

The rules are CPython's and Linux's, written once for both machines.
"""
