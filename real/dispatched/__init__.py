"""Dispatched runs: real processes that the supervisor stops and continues as the policy decides.

To follow one slice of a process, read these modules in order:

    machine              notes that the system gives the process a core, and expects the slice's end
    events               says how the supervisor sees that the slice is over
    supervisor           waits for that, lets the system decide, and carries the decision out
    worker_handle        sends the signal that stops or continues a worker
    real.worker.process  is the worker: it executes one burst in each of its turns
    real.worker.burst    uses exactly the CPU time of the burst, and logs when the worker ran

The record is made from the supervisor's notes (`journal`) and the workers' logs: see `tracks`,
`switches` and `record`.
"""
