"""Real processes that start, join and end each other, stopped and continued by the supervisor.

Slices are those of `real.dispatched`. One call is followed in these files:

    machine         the system says that a process makes the call, and what the worker must know
    supervisor      before cores change hands, the calls of the instant are carried out
    actions         the worker gets an order, and the supervisor waits for what really happens
    worker          carries out the order: the function of the call stands in a table of
    process_calls, memory_calls, and real.worker.program_calls
    report          what the call returned goes back to the supervisor
"""
