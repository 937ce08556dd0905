"""Native runs: real processes that the operating system schedules (`dispatch: none`).

One slice of a process is followed in these files:

    run      the parts of the run, for `real.run`
    pool     the workers and their threads, from the fork to the reaping
    worker   what a worker does: one program from its arrival to its end
    meter    how a worker uses exactly so much CPU time, and sees when it ran
    record   what the logs of all workers say together
"""
