"""The life of processes: they start, join, end and are reaped.

    process_tree  parents, zombies, orphans         semantics  what each call does
    sync          CPython's locks, queues, pipes    deadlock   which process waits for which
    signals       requests to end or to interrupt   interruption  KeyboardInterrupt outside a call
    system        the operating system that carries the calls out
    priority_protocols  locks that lend priorities to their holders
    threads, gil  threads of one process, and its interpreter lock
    outcomes      whether the rules allow what another witness saw

The rules are CPython's and Linux's, written once for both machines.
"""
