"""Experiments: one scenario at many points, each point replicated, with intervals.

    design      which points there are, how often each is run, with which seeds
    measures    what is measured in a run, and in which window of time
    statistics  intervals, paired differences, percentiles, when there are enough replications
    running     chunks of replications in this process, on all cores or on a Dask cluster
    results     the rows, in memory and in a file that can be continued
    shown       the answer: table, chart, picture, page

`docs/experiments.md` is the user's reference. `commands/sweep.py` is the command.
"""
