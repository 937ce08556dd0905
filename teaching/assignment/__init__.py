"""Policies as homework: hidden workloads, what is checked on them, and the marks.

    cases           a workload as plain data, which can be shrunk and written as a scenario
    kinds           how hidden workloads of each kind are made from a seed
    schedule        which processes run when, and the first difference of two runs
    checks          the rules that a run is held to
    solution        the model solution's runs, and the proof that it meets the checks
    asking          a submission's run of a case
    shrinking       the smallest case that still fails
    counterexample  that case in words and charts
    leaderboard     measures over all hidden workloads
    real_runs       the same on real processes
    grading         the marks of one submission
    crew            many submissions on several cores

`grading` is where the parts meet.
"""
