"""Lifecycle runs: dispatched runs of real processes that start, join and end each other.

Slices are as in `real.dispatched`. To follow one call, read these modules in order:

    machine         notes that a process makes the call, and what its worker must know for it
    supervisor      has the calls of an instant carried out before cores change hands
    actions         sends the worker an order, and waits for what really happens
    worker          carries out the order; the functions of the calls are in process_calls,
                    memory_calls and real.worker.program_calls
    report          sends what the call returned or raised to the supervisor
"""
