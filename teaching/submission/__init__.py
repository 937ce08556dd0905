"""A submitted policy is asked in a process of its own, which can do nothing else but answer.

The grader never executes code of a submission. It runs the simulation (or the real run) itself,
with a policy that passes each question on:

    grader      simulates; `proxy` is its policy, `host` its end of the pipes
    zygote      a child of the grader with the offered modules and nothing else; it forks
    submission  a child of the zygote, one for each run; `confinement` takes all rights from it,
                then it reads the submitted text, and `answering` answers questions

Questions and answers are lines of JSON with limits (`protocol`). The submission is told what the
interface of a policy shows, and nothing of the grader: neither files nor the seed of the hidden
workloads. An answer is a decision, which the grader checks and carries out. So whatever a
submission writes, it cannot write a mark.

    conversation questions to one process, with limits
    files        what was handed in, read without following links
    account      as which user a submission is asked
    seccomp      the system calls that are left to it
    offered      what it may import
"""
