"""Other simulators that a user could choose, on our workloads: how much longer they take.

    bare        SimPy without any layer above it        salabim    the same in salabim
    ciw         a network of queues                     simso      real-time scheduling

Each one simulates the same processes (jobs) as ours until they end, and nothing else. None of them
keeps a record like ours. `measure` measures all of them in one run.
"""
