"""Native runs: real processes that the operating system schedules (`dispatch: none`).

To follow one slice of a process, read these modules in order:

    run      the parts of the run, which `real.run` uses
    pool     the workers and their threads, from the fork to the reaping
    worker   what a worker does: it executes one program from its arrival to its end
    meter    how a worker uses exactly the CPU time of a burst, and sees when it ran
    record   what the logs of all workers say together
"""
