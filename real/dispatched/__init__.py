"""Real processes that the supervisor stops and continues as the policy decides.

One slice of a process is followed in these files:

    machine              the system gives the process a core; the end of the slice is expected
    events               how it is seen that the slice is over
    supervisor           waits for that, lets the system decide, and lets workers change cores
    worker_handle        the signal that stops or continues a worker
    real.worker.process  the worker: turn after turn
    real.worker.burst    it uses exactly so much CPU time, and logs when it ran

The record is made of what was noted (`journal`) and logged: `tracks`, `switches`, `record`.
"""
