"""What a user would otherwise pick, on the same workloads as ours: how much longer it takes.

    bare        SimPy with nothing around it            salabim    the same in salabim
    ciw         a network of queues                      simso      real-time scheduling, apart

Each is asked for as many finished processes (jobs) as ours, and for nothing else: none of them
keeps a record like ours. `measure` has them all in one run.
"""
